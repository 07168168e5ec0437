/** What it takes to say which of two objects came first. */
export interface Age {
  readonly uid: string;
  readonly creationTimestamp: string;
}

export interface Aged {
  readonly metadata: Age;
}

/** Older first; objects of the same second in the order of their UIDs, so that every replica says the same. */
export function byAge(a: Age, b: Age): number {
  const [aTime, bTime] = [a.creationTimestamp, b.creationTimestamp];
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

/** The oldest of those that claim one thing and came before `one`; undefined when `one` itself is the oldest. */
export function elderThan<T extends Aged>(one: Aged, claimants: Iterable<T>): T | undefined {
  let eldest: T | undefined;
  for (const other of claimants) {
    if (other.metadata.uid === one.metadata.uid || byAge(other.metadata, one.metadata) > 0) continue;
    if (eldest === undefined || byAge(other.metadata, eldest.metadata) < 0) eldest = other;
  }
  return eldest;
}
