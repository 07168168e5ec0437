import type { Instant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type Complaint, complaintOf } from './complaint.ts';
import { boundsOf, type Session } from './session.ts';

const selfReviews = {
  group: 'authentication.k8s.io',
  plural: 'selfsubjectreviews',
  version: 'v1',
  namespaced: false,
};

/** Whether the API server answers whoever asks, and what its clock says; undefined where it does not tell. */
export async function serverTime(session: Session): Promise<Result<Instant | undefined, Complaint>> {
  const answer = await session.kube.whoAmI(boundsOf(session));
  return answer.ok
    ? ok(answer.value.at)
    : err(complaintOf(answer.error, { verb: 'create', kind: selfReviews }));
}
