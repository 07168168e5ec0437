import type { ActionFailure } from '../domain/attempt.ts';
import { fromKube } from '../issuance/action-failure.ts';
import { secretKind } from '../kube/core-kinds.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Environment } from './environment.ts';

/**
 * Deletes a Secret of ours, this one and no other of its name, and forgets it at once. One that is gone already counts as deleted.
 * Where another took its place, the UID keeps us from touching that, and the watch will tell of it: a conflict alone proves nothing.
 * With a version, only what is still of that version is deleted.
 */
export async function deleteSecret<T extends StoreRecord>(
  { kube }: Pick<Environment, 'kube'>,
  informer: Informer<T, string>,
  { namespace, name, uid }: Pick<StoreRecord, 'namespace' | 'name' | 'uid'>,
  { signal }: Pick<ReconcileContext, 'signal'>,
  version?: Pick<StoreRecord, 'resourceVersion'>,
): Promise<Result<void, ActionFailure>> {
  const deleted = await kube.delete(secretKind, { namespace, name }, { uid, ...version, signal });
  if (!deleted.ok && deleted.error.kind !== 'notFound')
    return err(fromKube('SecretWriteFailed', deleted.error));
  informer.store.forget(keyOf(namespace, name), uid);
  return ok(undefined);
}
