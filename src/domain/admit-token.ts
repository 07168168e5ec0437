import { formatDuration } from '../std/duration.ts';
import { between, type Instant } from '../std/instant.ts';
import { err, type Result } from '../std/result.ts';
import type { Grant } from './grant.ts';
import { canKeepFloor, minRemainingOf, type RotationPolicy } from './rotation.ts';
import { type CheckedToken, checkToken } from './token-check.ts';
import type { TokenFacts, TokenRefusal } from './token-rule.ts';

/**
 * Whether a token is delivered: it passes every check, and its actual life leaves room to renew it before the floor that the binding
 * wants. The first token of a kind shows the latter.
 */
export function admitToken(
  token: TokenFacts,
  grant: Grant,
  policy: RotationPolicy,
  receivedAt: Instant,
): Result<CheckedToken, TokenRefusal> {
  const checked = checkToken(token, grant, receivedAt);
  if (!checked.ok) return checked;
  const life = between(checked.value.issuedAt, checked.value.expiresAt);
  if (canKeepFloor(life, policy)) return checked;
  const floor = formatDuration(minRemainingOf(life, policy));
  return err({
    reason: 'RotationFloorUnreachable',
    message: `spec.rotation.minRemaining: a token lives ${formatDuration(life)}, which leaves no room to renew it ${floor} before its end`,
    tooPowerful: false,
  });
}
