import { splitKey } from './store.ts';

/** Keys in the order they came within a namespace, and one namespace after the other. No key is in it twice. */
export interface FairQueue {
  add(key: string): void;
  delete(key: string): void;
  shift(): string | undefined;
  readonly size: number;
}

/** A namespace with ten thousand keys delays one with a single key by one key. */
export function createFairQueue(): FairQueue {
  // Both keep the order of insertion; a namespace that had its turn is inserted again, at the end.
  const namespaces = new Map<string, Set<string>>();
  let size = 0;
  return {
    add(key) {
      const { namespace } = splitKey(key);
      const keys = namespaces.get(namespace) ?? new Set();
      if (keys.has(key)) return;
      keys.add(key);
      namespaces.set(namespace, keys);
      size += 1;
    },
    delete(key) {
      const { namespace } = splitKey(key);
      const keys = namespaces.get(namespace);
      if (!keys?.delete(key)) return;
      size -= 1;
      if (keys.size === 0) namespaces.delete(namespace);
    },
    shift() {
      for (const [namespace, keys] of namespaces) {
        namespaces.delete(namespace);
        for (const key of keys) {
          keys.delete(key);
          size -= 1;
          if (keys.size > 0) namespaces.set(namespace, keys);
          return key;
        }
      }
      return undefined;
    },
    get size() {
      return size;
    },
  };
}
