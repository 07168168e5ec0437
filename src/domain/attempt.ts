import type { Reason } from '../api/reasons.ts';
import { type Backoff, exponential } from '../std/backoff.ts';
import { type Duration, minutes, seconds } from '../std/duration.ts';
import { between, type Instant, plus } from '../std/instant.ts';

/** How soon a failed action is worth another try. */
export type RetryClass = 'soon' | 'slow' | 'wait';

/** An action that failed, told for a condition. Never holds a token or a credential. */
export interface ActionFailure {
  readonly reason: Reason;
  readonly message: string;
  readonly retry: RetryClass;
  /** What the other side asked us to wait. */
  readonly retryAfter?: Duration;
}

/** The last failure of what one object wants; forgotten when it succeeds or when `fingerprint` no longer matches. */
export interface FailedAttempt {
  /** What was tried, so that a changed object is not held back by an old failure. */
  readonly fingerprint: string;
  readonly failure: ActionFailure;
  readonly at: Instant;
  /** Failures in a row, 1 for the first. */
  readonly count: number;
}

const backoffs: Readonly<Record<RetryClass, Backoff>> = {
  // Passing faults: the issuer is away, a write met a conflict.
  soon: { initial: seconds(1), max: minutes(1) },
  // A refusal changes only when somebody changes something; ask again now and then.
  slow: { initial: seconds(15), max: minutes(10) },
  // Waits for a person: a foreign Secret, an uncertain registration.
  wait: { initial: minutes(2), max: minutes(10) },
};

/**
 * When to try again: now, if the clock was set back since. `spread` in [0, 1) belongs to the object. The less is left until what is
 * to be replaced ends, the shorter is the wait, but never shorter than the first: an outage that is over is noticed before it matters.
 */
export function retryAt(
  { failure, at, count }: FailedAttempt,
  spread: number,
  now: Instant,
  endsAt?: Instant,
): Instant {
  if (at > now) return now;
  const backoff = backoffs[failure.retry];
  const left = endsAt === undefined || endsAt <= at ? Infinity : between(at, endsAt);
  const patience = Math.max(exponential(backoff, 1, spread), left / 4);
  const wait = Math.min(exponential(backoff, count, spread), patience);
  const asked = failure.retryAfter ?? 0;
  // Those who were all told to wait equally long come back over a tenth more.
  return plus(at, Math.max(wait, asked * (1 + spread / 10)) as Duration);
}
