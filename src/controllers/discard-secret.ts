import type { SecretType } from '../delivery/secret-manifest.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import type { StoreRecord } from '../runtime/store.ts';
import { err, type Result } from '../std/result.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';

/**
 * Removes a Secret of ours whose data another hand has changed. That is a failure of what we had done: it is told, and what is to take
 * its place comes after a wait, so that nobody fights about it without end.
 */
export async function discardSecret<T extends StoreRecord>(
  environment: Environment,
  informer: Informer<T, string>,
  secret: Pick<StoreRecord, 'namespace' | 'name' | 'uid'>,
  type: SecretType,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const deleted = await deleteSecret(environment, informer, secret, context);
  if (!deleted.ok) return deleted;
  const { namespace, name } = secret;
  environment.metrics.count('grantor_secrets_tampered_total', { type });
  environment.audit({
    ...{ act: 'withdraw', outcome: 'success', reason: 'SecretTampered' },
    object: `Secret ${namespace}/${name}`,
    secret: `${namespace}/${name}`,
    correlationID: context.correlationID,
  });
  const message = `the data of Secret ${namespace}/${name} was changed by somebody else; it was removed and is made anew`;
  return err({ reason: 'SecretTampered', message, retry: 'soon' });
}
