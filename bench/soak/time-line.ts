/** A token as an onlooker saw it arrive. All times in milliseconds since the Unix epoch. */
export interface Delivery {
  readonly seenAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What became of one binding's tokens: the deliveries in order, and when the Secret was removed, if ever. */
export interface TimeLine {
  readonly deliveries: readonly Delivery[];
  readonly removals: readonly number[];
}

/** A stretch of time: the end belongs to the next one. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A token that took the place of another. */
export interface Renewal {
  readonly at: number;
  /** The part of its life that the predecessor had left, from 1 to below 0. */
  readonly left: number;
}

export const contains = ({ from, to }: Span, at: number): boolean => from <= at && at < to;

/** The renewals of one binding: each delivery but the first. */
export function renewalsOf({ deliveries }: TimeLine): Renewal[] {
  return deliveries.slice(1).map(({ seenAt }, n) => {
    const { issuedAt, expiresAt } = deliveries[n] as Delivery;
    return { at: seenAt, left: (expiresAt - seenAt) / (expiresAt - issuedAt) };
  });
}

/** How long, from its first token to `end`, a binding had none that was alive: it had expired, or was removed. In milliseconds. */
export function timeWithoutToken({ deliveries, removals }: TimeLine, end: number): number {
  return deliveries.reduce((sum, { seenAt, expiresAt }, n) => {
    const next = deliveries[n + 1]?.seenAt ?? end;
    const removedAt = removals.find((at) => seenAt < at && at < next) ?? Infinity;
    return sum + Math.max(0, next - Math.max(seenAt, Math.min(expiresAt, removedAt)));
  }, 0);
}
