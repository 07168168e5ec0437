import type { ActionFailure } from '../../domain/attempt.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/store.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';

/**
 * What is asked of an issuer on the account of a record that need not be written waits until the API server itself says that this is
 * the record. A cache that is behind may show one that another controller has gone on from, or deleted when the client was gone: then
 * nobody would write down what the issuer is told. The cache knows what is there afterwards.
 */
export async function confirmCurrent(
  { kube, world, ownNamespace: namespace }: Environment,
  { name, uid, resourceVersion }: RegistrationRecord,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<void, ActionFailure>> {
  const found = await kube.get(secretKind, { namespace, name }, { signal });
  if (!found.ok && found.error.kind !== 'notFound') return err(fromKube('Pending', found.error));
  const stored = found.ok ? found.value.metadata : undefined;
  if (stored?.uid === uid && stored.resourceVersion === resourceVersion) return ok(undefined);
  if (stored?.uid !== uid) world.registrations.store.forget(keyOf(namespace, name), uid);
  if (found.ok) world.registrations.observe(found.value);
  const message = `Secret ${name} is no longer what the cache had`;
  return err({ reason: 'Pending', message, retry: 'soon' });
}
