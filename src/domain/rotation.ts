import { type Duration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { between, earliest, type Instant, minus, plus } from '../std/instant.ts';

/** The life of one delivered token, by the clock here. */
export interface TokenLife {
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** 1 for the first token of a series, counting up with each renewal. */
  readonly generation: number;
}

/** A token of which the clock here says that it comes from the future by more than this was issued before the clock was set back. */
const clockSlack = seconds(30);

/** Whether a life began, by its own account, at a time that has yet to come. It is renewed at once: its schedule says nothing any more. */
export const isFromTheFuture = ({ issuedAt }: TokenLife, now: Instant): boolean =>
  issuedAt > plus(now, clockSlack);

/**
 * What to believe of a recorded life: annotations are hints, not truths. It never lasts beyond issue + ceiling; and one that lies in
 * the future, because the clock was set back, not beyond the ceiling from now on.
 */
export function believed<T extends TokenLife>(life: T, maxLifetime: Duration, now: Instant): T {
  const from = earliest(life.issuedAt, now);
  return { ...life, expiresAt: earliest(life.expiresAt, plus(from, maxLifetime)) };
}

export interface RotationPolicy {
  readonly renewAtPercent: number;
  readonly minRemaining?: Duration | undefined;
}

export interface Renewal {
  /** When to renew. */
  readonly renewAt: Instant;
  /** From here on a token that is not yet renewed is a failure that people should see. */
  readonly lateAt: Instant;
}

/** What must be left of a life when the next token arrives: as asked, else the smaller of 2 minutes and a quarter of the life. */
export const minRemainingOf = (life: Duration, policy: RotationPolicy): Duration =>
  policy.minRemaining ?? milliseconds(Math.min(minutes(2), life / 4));

/** Half of the shortest `accessTokenLifetime`. What lives less has to be renewed all the time: an issuer that answers so is in error. */
const shortestLife = seconds(5);

/** Whether tokens of this life can be renewed before the floor and leave at least a quarter of the life between renewals. */
export const canKeepFloor = (life: Duration, policy: RotationPolicy): boolean =>
  life >= shortestLife && minRemainingOf(life, policy) <= life * 0.75;

/**
 * The decision when to renew (docs/architecture.md).
 *
 * The horizon is the token's real life. The point is `renewAtPercent` ± 5 points of it, fixed for ever by `spread`, a number in
 * [0, 1) that belongs to the binding. The first renewal of a series lies between 5 % and 70 %, so that bindings that are born
 * together do not renew together. Never later than the floor.
 */
export function renewalOf(life: TokenLife, policy: RotationPolicy, spread: number): Renewal {
  const length = between(life.issuedAt, life.expiresAt);
  const lateAt = minus(life.expiresAt, minRemainingOf(length, policy));
  const percent = life.generation === 1 ? 5 + 65 * spread : policy.renewAtPercent - 5 + 10 * spread;
  const point = plus(life.issuedAt, milliseconds(Math.round((length * percent) / 100)));
  return { renewAt: earliest(point, lateAt), lateAt };
}
