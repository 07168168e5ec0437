import { namespaceOf } from './store.ts';

/** Counts the keys of each namespace that are worked on. Keys without a namespace are of no tenant, and are not counted. */
export interface Busyness {
  /** Whether one more of this namespace may be worked on. */
  readonly mayServe: (namespace: string) => boolean;
  begin(key: string): void;
  /** Again changes nothing. */
  end(key: string): void;
}

export function createBusyness(most: number): Busyness {
  const busy = new Map<string, Set<string>>();
  return {
    mayServe: (namespace) => (busy.get(namespace)?.size ?? 0) < most,
    begin(key) {
      const namespace = namespaceOf(key);
      if (namespace === '') return;
      const keys = busy.get(namespace);
      if (keys === undefined) busy.set(namespace, new Set([key]));
      else keys.add(key);
    },
    end(key) {
      const namespace = namespaceOf(key);
      const keys = busy.get(namespace);
      keys?.delete(key);
      if (keys?.size === 0) busy.delete(namespace);
    },
  };
}
