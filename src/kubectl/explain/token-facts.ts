import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { readDelivered } from '../../delivery/token-secret.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import { formatInstant } from '../../std/instant.ts';
import { listAll } from '../list-all.ts';
import type { Session } from '../session.ts';
import type { TokenFacts } from './explanation.ts';

/** What the metadata of a binding's Secret tells of the token in it. The token itself is never read. */
export async function tokenFacts(
  session: Session,
  { metadata, spec }: WorkloadIdentityBinding,
): Promise<TokenFacts | undefined> {
  const secret = spec.delivery?.secretRef.name;
  if (secret === undefined) return undefined;
  // A list, since only that comes without data.
  const found = await listAll(session, secretKind, metadata.namespace, {
    fieldSelector: `metadata.name=${secret}`,
    metadataOnly: true,
  });
  if (!found.ok) return { secret, note: found.error.message };
  const [one] = found.value;
  if (one === undefined) return { secret, note: 'there is no such Secret' };
  const delivered = readDelivered(one.metadata);
  if (delivered === undefined) return { secret, note: 'it does not hold a token of Grantor' };
  const isOver = delivered.expiresAt <= session.clock.now();
  return {
    secret,
    issuedAt: formatInstant(delivered.issuedAt),
    expiresAt: formatInstant(delivered.expiresAt),
    generation: delivered.generation,
    note: isOver ? 'it has expired' : 'it is valid',
  };
}
