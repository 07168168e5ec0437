import type { ActionFailure } from '../../domain/attempt.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import type { ObjectName, ResourceKind } from '../../kube/resource-path.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import type { Informer } from '../../runtime/informer.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';

/** What was decided rests on the absence of something that is there: it is decided again, since the cache knows it now. */
export const notCachedYet = (what: string): ActionFailure => ({
  reason: 'Pending',
  message: `${what} was not in the cache yet`,
  retry: 'soon',
});

/**
 * What is done because an object is not in the cache, which may be behind, waits until the API server itself says that it is gone, or
 * that another has its name. One that is there is in the cache afterwards.
 */
export async function confirmAbsent(
  { kube }: Pick<Environment, 'kube'>,
  {
    kind,
    at,
    uid,
    what,
  }: {
    readonly kind: ResourceKind;
    readonly at: ObjectName;
    /** Of the object that is meant; left out where whatever has the name is. */
    readonly uid?: string;
    readonly what: string;
  },
  informer: Pick<Informer<never>, 'observe'>,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<void, ActionFailure>> {
  const found = await kube.get(kind, at, { signal });
  if (!found.ok)
    return found.error.kind === 'notFound' ? ok(undefined) : err(fromKube('Pending', found.error));
  if (uid !== undefined && found.value.metadata.uid !== uid) return ok(undefined);
  informer.observe(found.value);
  return err(notCachedYet(what));
}
