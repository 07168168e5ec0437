/** What an item of a heap carries: where it stands. Only the heap writes it; -1 outside of any. */
export interface HeapItem {
  position: number;
}

/** A binary heap: the first item is before all others. Any item can be taken out; all of it takes logarithmic time. */
export interface Heap<T extends HeapItem> {
  readonly size: number;
  readonly first: T | undefined;
  push(item: T): void;
  /** Nothing happens if it is not in here. */
  remove(item: T): void;
  clear(): void;
}

export function createHeap<T extends HeapItem>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];

  const put = (item: T, position: number): void => {
    items[position] = item;
    item.position = position;
  };

  /** Finds the place of `item` from `position` upwards. */
  const rise = (item: T, position: number): void => {
    let at = position;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !isBefore(item, parent)) break;
      put(parent, at);
      at = above;
    }
    put(item, at);
  };

  /** Finds the place of `item` from `position` downwards. */
  const sink = (item: T, position: number): void => {
    let at = position;
    for (;;) {
      const left = items[2 * at + 1];
      const right = items[2 * at + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, item)) break;
      const below = child.position;
      put(child, at);
      at = below;
    }
    put(item, at);
  };

  return {
    get size() {
      return items.length;
    },
    get first() {
      return items[0];
    },
    push: (item) => rise(item, items.length),
    remove(item) {
      const { position } = item;
      if (items[position] !== item) return;
      item.position = -1;
      const last = items.pop();
      if (last === undefined || last === item) return;
      rise(last, position);
      sink(last, last.position);
    },
    clear() {
      for (const item of items) item.position = -1;
      items.length = 0;
    },
  };
}
