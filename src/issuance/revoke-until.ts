import type { ActionFailure } from '../domain/attempt.ts';
import { exponential } from '../std/backoff.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import type { Result } from '../std/result.ts';

const backoff = { initial: seconds(1), max: minutes(1) };

/**
 * Has `revoke` done until it succeeds, cannot succeed, or does not matter any more because the token ends by itself (`endsAt`). Says whether
 * it succeeded. `spread`, in [0, 1), keeps those apart that began together.
 */
export async function revokeUntil(
  clock: Clock,
  { endsAt, spread }: { readonly endsAt: Instant; readonly spread: number },
  revoke: (signal: AbortSignal) => Promise<Result<void, ActionFailure>>,
  signal: AbortSignal,
): Promise<boolean> {
  for (let failures = 1; clock.now() < endsAt; failures++) {
    const revoked = await revoke(signal);
    if (revoked.ok) return true;
    const { retry, retryAfter = 0 } = revoked.error;
    const wait = Math.max(exponential(backoff, failures, spread), retryAfter);
    if (retry !== 'soon' || !(await sleep(clock, milliseconds(wait), signal))) return false;
  }
  return false;
}
