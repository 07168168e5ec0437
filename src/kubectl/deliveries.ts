import type { PodLike } from '../domain/pod-like.ts';
import { podKind, secretKind } from '../kube/core-kinds.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { ok, type Result } from '../std/result.ts';
import type { Complaint } from './complaint.ts';
import { listAll } from './list-all.ts';
import { withProgress } from './progress.ts';
import type { Session } from './session.ts';

export type Pod = KubeObject & PodLike;

/** Where tokens arrive, as far as whoever looks may see it. */
export interface Deliveries {
  /** Metadata of the Secrets with tokens; what is in them is never read. Undefined where they are hidden. */
  readonly secrets: readonly ObjectMeta[] | undefined;
  readonly pods: readonly Pod[] | undefined;
  readonly hidden: readonly Complaint[];
}

/** Reads where tokens arrive, in the session's namespace or in all. What may not be seen is no reason to show nothing. */
export const readDeliveries = (session: Session): Promise<Result<Deliveries, Complaint>> =>
  withProgress(session, 'reading Secrets and pods', async () => {
    const [secrets, pods] = await Promise.all([
      listAll(session, secretKind, session.namespace, {
        fieldSelector: 'type=grantor.dev/token',
        metadataOnly: true,
      }),
      listAll<Pod>(session, podKind, session.namespace),
    ]);
    const hidden: Complaint[] = [];
    for (const part of [secrets, pods]) {
      if (part.ok) continue;
      if (part.error.exit !== 'forbidden') return part;
      hidden.push(part.error);
    }
    return ok({
      secrets: secrets.ok ? secrets.value.map(({ metadata }) => metadata) : undefined,
      pods: pods.ok ? pods.value : undefined,
      hidden,
    });
  });
