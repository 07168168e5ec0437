import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Instant } from '../std/instant.ts';
import { instantIn } from '../std/instant.ts';
import { goesWithClient } from './goes-with-client.ts';
import { issuerHas } from './issuer-usable.ts';
import type { VolumeFacts } from './volume-facts.ts';
import type { VolumeVerdict } from './volume-verdict.ts';

/**
 * Whether a token that is taken out of a volume is revoked by the node (RFC 7009). What has ended or was replaced is left to itself, and
 * what the issuer ends with all tokens of the client, the controller sees to.
 */
export function isRevokedByNode(
  { delivered, client, binding }: Pick<VolumeFacts, 'delivered' | 'client' | 'binding'>,
  verdict: VolumeVerdict,
  issuer: OAuthIssuer | undefined,
  now: Instant,
): boolean {
  if (verdict.kind !== 'withdrawn' || delivered === undefined || delivered.expiresAt <= now) return false;
  if (issuer === undefined || !issuerHas(issuer, 'Revoke')) return false;
  const revokedAt = instantIn(client?.status?.tokensRevokedAt);
  if (revokedAt !== undefined && delivered.issuedAt < revokedAt) return false;
  const violations = binding?.status?.violations ?? [];
  return !goesWithClient(issuer, [verdict.reason, ...violations.map(({ reason }) => reason)]);
}
