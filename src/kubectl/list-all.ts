import type { ListOptions } from '../kube/kube-client.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type Complaint, complaintOf } from './complaint.ts';
import { boundsOf, type Session } from './session.ts';

/** A list that takes too long to read has to begin anew; more often than this it is not worth the wait. */
const mostAttempts = 3;

/** All objects of a kind, in one namespace or in all. */
export async function listAll<T extends KubeObject>(
  session: Session,
  kind: ResourceKind,
  namespace: string | undefined,
  selection: Pick<ListOptions, 'fieldSelector' | 'labelSelector' | 'metadataOnly'> = {},
): Promise<Result<readonly Stored<T>[], Complaint>> {
  const options = { ...boundsOf(session), ...selection, ...(namespace === undefined ? {} : { namespace }) };
  for (let attempt = 1; ; attempt++) {
    const items: Stored<T>[] = [];
    let failure: Complaint | undefined;
    for await (const page of session.kube.list<T>(kind, options)) {
      if (page.ok) items.push(...page.value.items);
      else if (page.error.kind !== 'gone' || attempt === mostAttempts)
        return err(complaintOf(page.error, { verb: 'list', kind, namespace }));
      else failure = complaintOf(page.error, { verb: 'list', kind, namespace });
    }
    if (failure === undefined) return ok(items);
  }
}
