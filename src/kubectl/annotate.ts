import type { ResourceKind } from '../kube/resource-path.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type Complaint, complaintOf } from './complaint.ts';
import { boundsOf, type Session } from './session.ts';

/** Somebody else may write between our reading and our writing; more often than this it is not by chance. */
const mostAttempts = 5;

/** Annotates exactly this object, and not another one that got its name since. */
export async function annotate(
  session: Session,
  kind: ResourceKind,
  { namespace, name, uid }: { readonly namespace?: string; readonly name: string; readonly uid: string },
  annotations: Readonly<Record<string, string>>,
): Promise<Result<void, Complaint>> {
  const at = { name, ...(namespace === undefined ? {} : { namespace }) };
  for (let attempt = 1; ; attempt++) {
    const found = await session.kube.get(kind, at, boundsOf(session));
    if (!found.ok) return err(complaintOf(found.error, { verb: 'get', kind, ...at }));
    const { resourceVersion } = found.value.metadata;
    const patched = await session.kube.patchMetadata(
      kind,
      { ...at, uid, resourceVersion },
      { annotations },
      boundsOf(session),
    );
    if (patched.ok) return ok(undefined);
    if (patched.error.kind !== 'conflict' || attempt === mostAttempts)
      return err(complaintOf(patched.error, { verb: 'patch', kind, ...at }));
  }
}
