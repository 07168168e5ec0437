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
  // Both collections keep the order of insertion: the map is the ring of lanes, each set a line of items with cheap removal.
  const lanes = new Map<string, Set<T>>();
  let size = 0;

  function remove(lane: string, item: T): void {
    const items = lanes.get(lane);
    if (!items?.delete(item)) return;
    size -= 1;
    if (items.size === 0) lanes.delete(lane);
  }

  return {
    get size() {
      return size;
    },
    push(lane, item) {
      const items = lanes.get(lane) ?? new Set<T>();
      if (items.has(item)) return true;
      if (items.size >= laneLimit) return false;
      lanes.set(lane, items.add(item));
      size += 1;
      return true;
    },
    shift() {
      for (const [lane, items] of lanes) {
        for (const item of items) {
          remove(lane, item);
          if (items.size > 0) {
            lanes.delete(lane);
            lanes.set(lane, items);
          }
          return item;
        }
      }
      return undefined;
    },
    remove,
  };
}
