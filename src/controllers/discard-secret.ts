import type { ActionFailure } from '../domain/attempt.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { err, type Result } from '../std/result.ts';
import { auditOfSecret } from './audit-of-secret.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';
import type { OwnedSecret } from './tenant-secrets.ts';

/**
 * Removes a Secret of ours whose data another hand has changed. That is a failure of what we had done: it is told, and what is to take
 * its place comes after a wait, so that nobody fights about it without end.
 */
export async function discardSecret<T extends OwnedSecret>(
  environment: Environment,
  informer: Informer<T, string>,
  secret: Pick<StoreRecord, 'namespace' | 'name' | 'uid'>,
  type: Parameters<typeof auditOfSecret>[1],
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { namespace, name } = secret;
  const kept = informer.store.get(keyOf(namespace, name));
  const whose = kept && auditOfSecret(environment, type, kept);
  const deleted = await deleteSecret(environment, informer, secret, context);
  if (!deleted.ok) return deleted;
  environment.metrics.count('grantor_secrets_tampered_total', { type });
  environment.audit({
    ...{ act: 'withdraw', outcome: 'success', reason: 'SecretTampered' },
    object: `Secret ${namespace}/${name}`,
    secret: `${namespace}/${name}`,
    ...whose,
    correlationID: context.correlationID,
  });
  const message = `the data of Secret ${namespace}/${name} was changed by somebody else; it was removed and is made anew`;
  return err({ reason: 'SecretTampered', message, retry: 'soon' });
}
