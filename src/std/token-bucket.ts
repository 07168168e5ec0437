import { type Duration, milliseconds } from './duration.ts';
import { between, type Instant } from './instant.ts';

/** How much may go out: never more than `burst + requestsPerSecond · t` in any stretch of `t` seconds. */
export interface Rate {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** What was left at a time. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: Instant;
}

/** The bucket as it stands `now`. A clock that was set back adds nothing and takes nothing away. */
export function refill(bucket: TokenBucket, rate: Rate, now: Instant): TokenBucket {
  const elapsed = Math.max(0, between(bucket.at, now));
  return { tokens: Math.min(rate.burst, bucket.tokens + (elapsed * rate.requestsPerSecond) / 1000), at: now };
}

/** Takes one token out of a bucket that was just refilled; undefined when there is none. */
export function take(bucket: TokenBucket): TokenBucket | undefined {
  return bucket.tokens >= 1 ? { tokens: bucket.tokens - 1, at: bucket.at } : undefined;
}

/** How long until `take` succeeds, in whole milliseconds. */
export function untilNext(bucket: TokenBucket, rate: Rate): Duration {
  return milliseconds(Math.max(0, Math.ceil(((1 - bucket.tokens) * 1000) / rate.requestsPerSecond)));
}
