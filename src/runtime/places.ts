import { createFairQueue } from '../std/fair-queue.ts';
import { splitKey } from './store.ts';

/**
 * A number of places for keys at work that takes long, so that there is always somebody left for work that does not. Who finds no
 * place is called as soon as there is one, namespaces in turn, and finds it kept.
 */
export interface Places {
  /** Whether `key` has a place from now on, or had one already. If not, it is called later. */
  enter(key: string): boolean;
  /** Gives back the place of `key`, if it has one. */
  leave(key: string): void;
}

/** `call` has to lead to `leave`, whether or not `key` still wants its place. */
export function createPlaces(most: number, call: (key: string) => void): Places {
  const holders = new Set<string>();
  const waiting = createFairQueue<string>();
  return {
    enter(key) {
      if (holders.has(key)) return true;
      if (holders.size < most) holders.add(key);
      else waiting.push(splitKey(key).namespace, key);
      return holders.has(key);
    },
    leave(key) {
      if (!holders.delete(key)) return;
      const next = waiting.shift();
      if (next === undefined) return;
      holders.add(next);
      call(next);
    },
  };
}
