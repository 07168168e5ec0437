/**
 * A queue that serves its lanes in turn, one item each, so that a lane with a thousand items delays another lane's first by one.
 * Each lane is first in, first out and holds at most `laneLimit` items.
 */
export interface FairQueue<T> {
  readonly size: number;
  /** Queues an item once; again changes nothing. False when the lane is full: the item is not queued then. */
  push(lane: string, item: T): boolean;
  shift(): T | undefined;
  /** Takes an item out wherever it stands. */
  remove(lane: string, item: T): void;
}

export function createFairQueue<T>(laneLimit = Number.POSITIVE_INFINITY): FairQueue<T> {
  // Maps and sets keep the order of insertion, and their iterators go on from where they are. One that began anew at each `shift` would
  // pass over all that has gone before, and a queue that drains would take quadratic time.
  const lanes = new Map<string, { readonly items: Set<T>; readonly line: Iterator<T, undefined> }>();
  let ring = lanes.entries();
  let size = 0;

  function remove(lane: string, item: T): void {
    const items = lanes.get(lane)?.items;
    if (!items?.delete(item)) return;
    size -= 1;
    if (items.size === 0) lanes.delete(lane);
  }

  function nextLane() {
    const turn = ring.next();
    if (!turn.done) return turn.value;
    // An iterator that was at the end stays there.
    ring = lanes.entries();
    return ring.next().value;
  }

  return {
    get size() {
      return size;
    },
    push(name, item) {
      const items = lanes.get(name)?.items ?? new Set<T>();
      if (items.has(item)) return true;
      if (items.size >= laneLimit) return false;
      items.add(item);
      if (items.size === 1) lanes.set(name, { items, line: items.values() });
      size += 1;
      return true;
    },
    shift() {
      const [name, lane] = nextLane() ?? [];
      const item = lane?.line.next().value;
      if (name === undefined || lane === undefined || item === undefined) return undefined;
      remove(name, item);
      if (lane.items.size > 0) {
        lanes.delete(name);
        lanes.set(name, lane);
      }
      return item;
    },
    remove,
  };
}
