import { type Duration, milliseconds } from './duration.ts';
import type { Rng } from './rng.ts';

/** Bounds of a back-off. */
export interface Backoff {
  readonly initial: Duration;
  readonly max: Duration;
}

/**
 * The wait before the next try after `failures` failures in a row (1 = the first), doubling from `initial` up to `max`.
 * `spread` in [0, 1) takes up to a quarter off, so that what failed together does not come back together.
 */
export function exponential(backoff: Backoff, failures: number, spread: number): Duration {
  const full = Math.min(backoff.max, backoff.initial * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return milliseconds(Math.round(full * (1 - spread / 4)));
}

/** The next wait after `previous`: random between `initial` and three times the previous one ("decorrelated jitter"). */
export function decorrelated(backoff: Backoff, previous: Duration, rng: Rng): Duration {
  const ceiling = Math.max(backoff.initial, previous * 3);
  return milliseconds(Math.min(backoff.max, backoff.initial + rng.next() * (ceiling - backoff.initial)));
}
