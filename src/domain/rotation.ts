import { fractionOf } from '../std/digest.ts';
import { type Duration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { between, earliest, type Instant, minus, plus } from '../std/instant.ts';

/** The life of one delivered token, by the clock here. */
export interface TokenLife {
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** When the renewal that brought it was due; left out for the first token of a series. */
  readonly dueAt?: Instant | undefined;
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

/** The least time between two renewals that both come when they are due. */
export const shortestIntervalOf = (life: Duration, policy: RotationPolicy): Duration =>
  milliseconds(Math.min((life * (policy.renewAtPercent - 5)) / 100, life - minRemainingOf(life, policy)));

/** Half of the shortest `accessTokenLifetime`. What lives less has to be renewed all the time: an issuer that answers so is in error. */
const shortestLife = seconds(5);

/** Whether tokens of this life can be renewed before the floor and leave at least a quarter of the life between renewals. */
export const canKeepFloor = (life: Duration, policy: RotationPolicy): boolean =>
  life >= shortestLife && minRemainingOf(life, policy) <= life * 0.75;

/** Where in the room that a schedule leaves it a token is renewed: a number in [0, 1) that belongs to a binding and a generation. */
export const spreadOf = (uid: string, generation: number): number => fractionOf(`${uid}/${generation}`);

/** The earliest renewal, in percent of a life. */
const soonest = 5;

/**
 * The decision when to renew (docs/adr/0006-rhythm-of-renewals.md).
 *
 * The horizon is the token's real life. The point is `renewAtPercent` ± 5 points of it, never later than the floor, and counted
 * from when the token was due, not from when it came: those that an outage held up together do not stay together. What has no such
 * rhythm, because it is the first of a series or came too late to make up for it, is renewed anywhere before, so that what is born
 * together is not renewed together.
 */
export function renewalOf(life: TokenLife, policy: RotationPolicy, spread: number): Renewal {
  const { issuedAt, expiresAt, dueAt = issuedAt, generation } = life;
  const length = between(issuedAt, expiresAt);
  const lateAt = minus(expiresAt, minRemainingOf(length, policy));
  const atPercent = (percent: number): Instant =>
    earliest(plus(issuedAt, milliseconds(Math.round((length * percent) / 100))), lateAt);

  const late = milliseconds(Math.max(0, between(dueAt, issuedAt)));
  const inRhythm = minus(atPercent(policy.renewAtPercent - 5 + 10 * spread), late);
  const hasRhythm = generation > 1 && inRhythm >= atPercent(soonest);
  return { renewAt: hasRhythm ? inRhythm : atPercent(soonest + policy.renewAtPercent * spread), lateAt };
}
