import { type Backoff, exponential } from '../std/backoff.ts';
import type { Clock } from '../std/clock.ts';
import { fractionOf } from '../std/digest.ts';
import { type Duration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { createFairQueue } from '../std/fair-queue.ts';
import { createDelayedKeys } from './delayed-keys.ts';
import type { RetryCause } from './outcome.ts';
import type { RuntimeMetrics } from './runtime-metrics.ts';
import { splitKey } from './store.ts';

/**
 * What is worked on first: what a user changed, what is due by the clock, what is looked at again to be sure. First, but not alone
 * (`beginsWith`).
 */
export const priorities = ['change', 'due', 'resync'] as const;
export type Priority = (typeof priorities)[number];

/**
 * Four of sixteen hand-outs look first for what is due, and one for what is looked at again: whatever comes with more right keeps a key
 * waiting for four hand-outs, or sixteen, for each that is before it in its own lane.
 */
const beginsWith = (handOut: number): Priority =>
  handOut % 16 === 15 ? 'resync' : handOut % 4 === 0 ? 'due' : 'change';

export interface AddOptions {
  /** `change` unless said otherwise. */
  readonly priority?: Priority;
  /** Not before this long from now. The earliest time that was asked for counts. */
  readonly after?: Duration;
}

/**
 * Keys to work on, each at most once at a time. A key that is added while it is worked on is handed out once more afterwards; one
 * that waits for later and is added for now is handed out now, and the later time is dropped then: whoever works on it sets a new one.
 */
export interface WorkQueue {
  readonly add: (key: string, options?: AddOptions) => void;
  /** The next key, as soon as there is one; nothing once `signal` aborts. `done` must follow. */
  take(signal: AbortSignal): Promise<string | undefined>;
  done(key: string): void;
  /** Whoever works on a key is about to read afresh what it rests on: what was added for it up to now needs no other turn. */
  catchUp(key: string): void;
  /** Adds a key that failed, after a wait that doubles with each failure in a row, and after `atLeast`. Returns the wait. */
  retry(key: string, cause: RetryCause, atLeast?: Duration): Duration;
  /** Ends the row of failures of a key. */
  forget(key: string): void;
  /** Keys that are ready to be taken. */
  readonly depth: number;
  /** Drops everything that waits, timers included. */
  clear(): void;
}

export interface WorkQueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: RuntimeMetrics;
}

/** How long a key waits after it failed. */
const backoffs: Readonly<Record<RetryCause, Backoff>> = {
  passing: { initial: milliseconds(500), max: minutes(1) },
  lasting: { initial: seconds(5), max: minutes(10) },
  defect: { initial: seconds(1), max: minutes(5) },
};

export function createWorkQueue({ name, clock, metrics }: WorkQueueOptions): WorkQueue {
  /** A key is in the lane of each priority that it was added with, so that a change takes nobody's turn from what is due. */
  const lanes = priorities.map(() => createFairQueue<string>());
  /** By the highest of them. */
  const depths: Record<Priority, number> = { change: 0, due: 0, resync: 0 };
  /** When each became ready. */
  const ready = new Map<string, { readonly priority: Priority; readonly since: Duration }>();
  let handOuts = 0;
  const later = createDelayedKeys<Priority>(clock, (key, priority) => makeReady(key, priority));
  const working = new Map<string, Duration>();
  /** Keys to hand out again when the work on them is done. */
  const again = new Map<string, Priority>();
  /** Failures in a row, whatever their causes. */
  const failures = new Map<string, number>();
  const takers = new Set<(key: string) => void>();

  const deepen = (priority: Priority, by: number): void => {
    depths[priority] += by;
    metrics.set('workqueue_depth', { name, priority }, depths[priority]);
  };

  /** The first key of the first lane that has one. */
  const shift = (): string | undefined => {
    const first = priorities.indexOf(beginsWith(++handOuts));
    for (const lane of [...lanes.slice(first), ...lanes.slice(0, first)]) {
      const key = lane.shift();
      if (key !== undefined) return key;
    }
    return undefined;
  };

  const handOut = (): string | undefined => {
    const key = ready.size > 0 ? shift() : undefined;
    const found = key === undefined ? undefined : ready.get(key);
    if (key === undefined || found === undefined) return undefined;
    const { priority, since } = found;
    for (const lane of lanes) lane.remove(namespaceOf(key), key);
    ready.delete(key);
    // Whoever works on it sets a new time.
    later.delete(key);
    working.set(key, clock.elapsed());
    metrics.observe('workqueue_queue_duration_seconds', { name, priority }, secondsSince(since));
    deepen(priority, -1);
    return key;
  };
  const secondsSince = (then: Duration): number => (clock.elapsed() - then) / 1000;

  const makeReady = (key: string, priority: Priority): void => {
    if (working.has(key)) {
      again.set(key, higher(priority, again.get(key)));
      return;
    }
    lanes[priorities.indexOf(priority)]?.push(namespaceOf(key), key);
    const known = ready.get(key);
    const best = higher(priority, known?.priority);
    if (known?.priority === best) return;
    if (known === undefined) metrics.count('workqueue_adds_total', { name });
    else deepen(known.priority, -1);
    deepen(best, 1);
    ready.set(key, { priority: best, since: known?.since ?? clock.elapsed() });
    const [taker] = takers;
    if (taker === undefined) return;
    takers.delete(taker);
    const next = handOut();
    if (next !== undefined) taker(next);
  };

  const add = (key: string, { priority = 'change', after = milliseconds(0) }: AddOptions = {}): void => {
    if (after <= 0) makeReady(key, priority);
    // What is ready is earlier than any later time.
    else if (!ready.has(key)) later.put(key, after, priority);
  };

  return {
    add,
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      const key = handOut();
      if (key !== undefined) return Promise.resolve(key);
      return new Promise((resolve) => {
        const stop = (): void => {
          takers.delete(taker);
          resolve(undefined);
        };
        const taker = (next: string): void => {
          signal.removeEventListener('abort', stop);
          resolve(next);
        };
        takers.add(taker);
        signal.addEventListener('abort', stop, { once: true });
      });
    },
    done(key) {
      const since = working.get(key);
      if (since === undefined) return;
      working.delete(key);
      metrics.observe('workqueue_work_duration_seconds', { name }, secondsSince(since));
      const priority = again.get(key);
      again.delete(key);
      if (priority !== undefined) makeReady(key, priority);
    },
    catchUp: (key) => void again.delete(key),
    retry(key, cause, atLeast = milliseconds(0)) {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      metrics.count('workqueue_retries_total', { name });
      const wait = exponential(backoffs[cause], count, fractionOf(`${key} ${count}`));
      const after = milliseconds(Math.max(wait, atLeast));
      add(key, { priority: 'resync', after });
      return after;
    },
    forget: (key) => void failures.delete(key),
    get depth() {
      return ready.size;
    },
    clear() {
      for (const key of ready.keys()) for (const lane of lanes) lane.remove(namespaceOf(key), key);
      for (const map of [later, ready, again, failures]) map.clear();
      for (const priority of priorities) deepen(priority, -depths[priority]);
    },
  };
}

/** A namespace with ten thousand keys delays one with a single key by one key. */
const namespaceOf = (key: string): string => splitKey(key).namespace;

const higher = (a: Priority, b: Priority | undefined): Priority =>
  b !== undefined && priorities.indexOf(b) < priorities.indexOf(a) ? b : a;
