import type { Clock } from '../std/clock.ts';
import { type Duration, milliseconds, seconds } from '../std/duration.ts';
import { createHeap, type HeapItem } from '../std/heap.ts';

/** Keys that wait for their time, each with a value. One heap and one timer, however many there are. */
export interface DelayedKeys<T> {
  /** What waits under a key. */
  get(key: string): T | undefined;
  /** Lets a key wait for so long. Of several times the earliest counts, with the value that came with it. */
  put(key: string, delay: Duration, value: T): void;
  delete(key: string): void;
  clear(): void;
}

interface Waiting<T> extends HeapItem {
  readonly key: string;
  readonly value: T;
  /** By `createWaitingTime`. */
  readonly due: number;
  /** Of what is due at the same time, what came first is first. */
  readonly order: number;
}

/** What a change of the machine's clock, or its sleep, may go unnoticed for. */
const longestLookAway = seconds(30);

/** Calls `onDue` for each key at its time, after which it no longer waits. */
export function createDelayedKeys<T>(clock: Clock, onDue: (key: string, value: T) => void): DelayedKeys<T> {
  const waiting = new Map<string, Waiting<T>>();
  const heap = createHeap<Waiting<T>>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  const time = createWaitingTime(clock);
  let order = 0;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;

  /** Sets the timer for the first that comes due; one that rings too early is left as it is. */
  const arm = (): void => {
    const { first } = heap;
    if (first === undefined) {
      timer?.cancel();
      timer = undefined;
      return;
    }
    const now = time();
    const at = Math.min(first.due, now + longestLookAway);
    if (timer !== undefined && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(milliseconds(Math.ceil(at - now)), ring) };
  };

  const ring = (): void => {
    timer = undefined;
    const now = time();
    for (let { first } = heap; first !== undefined && first.due <= now; { first } = heap) {
      remove(first);
      onDue(first.key, first.value);
    }
    arm();
  };

  const remove = (entry: Waiting<T>): void => {
    heap.remove(entry);
    waiting.delete(entry.key);
  };

  return {
    get: (key) => waiting.get(key)?.value,
    put(key, delay, value) {
      const due = time() + delay;
      const known = waiting.get(key);
      if (known !== undefined && known.due <= due) return;
      if (known !== undefined) remove(known);
      const entry = { key, value, due, order: order++, position: -1 };
      waiting.set(key, entry);
      heap.push(entry);
      arm();
    },
    delete(key) {
      const known = waiting.get(key);
      if (known === undefined) return;
      remove(known);
      if (heap.size === 0) arm();
    },
    clear() {
      waiting.clear();
      heap.clear();
      arm();
    },
  };
}

/** What is less is not a change of the clock but its being slewed, or the two being read a moment apart. */
const smallestJump = seconds(1);

/**
 * The time by which waits end, in milliseconds: it goes at least as fast as either of the machine's clocks. A clock that is set back
 * must not prolong a wait, so it is that of `elapsed`; but where `now` jumps ahead of it, because somebody set it or because the
 * machine slept, what waits for a moment of that clock is late already.
 */
function createWaitingTime(clock: Clock): () => number {
  let offset = clock.now() - clock.elapsed();
  let ahead = 0;
  return () => {
    const elapsed = clock.elapsed();
    const jump = clock.now() - elapsed - offset;
    if (Math.abs(jump) >= smallestJump) {
      offset += jump;
      ahead += Math.max(0, jump);
    }
    return elapsed + ahead;
  };
}
