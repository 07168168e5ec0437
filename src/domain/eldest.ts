/** What it takes to say which of two objects came first. */
export interface Aged {
  readonly metadata: { readonly uid: string; readonly creationTimestamp: string };
}

/** Older first; objects of the same second in the order of their UIDs, so that every replica says the same. */
function byAge(a: Aged, b: Aged): number {
  const [aTime, bTime] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  return a.metadata.uid < b.metadata.uid ? -1 : a.metadata.uid > b.metadata.uid ? 1 : 0;
}

/** The oldest of those that claim one thing and came before `one`; undefined when `one` itself is the oldest. */
export function elderThan<T extends Aged>(one: Aged, claimants: Iterable<T>): T | undefined {
  let eldest: T | undefined;
  for (const other of claimants) {
    if (other.metadata.uid === one.metadata.uid || byAge(other, one) > 0) continue;
    if (eldest === undefined || byAge(other, eldest) < 0) eldest = other;
  }
  return eldest;
}
