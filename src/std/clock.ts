import { type Duration, milliseconds } from './duration.ts';
import { type Instant, instantOf } from './instant.ts';

/** Where time comes from. Everything that waits or reads the time takes one, so that tests can own it. */
export interface Clock {
  now(): Instant;
  /** Time since some moment that stays the same. Nobody can set it; it may stand still while the machine sleeps. */
  elapsed(): Duration;
  /** Runs `callback` once after `delay`; the function that is returned cancels it. */
  after(delay: Duration, callback: () => void): () => void;
  /**
   * Between many things that need no waiting: lets others have their turn if nobody else had one for a while. There is nothing to wait
   * for where nothing is returned.
   */
  breathe(): Promise<void> | undefined;
}

/** `setTimeout` fires at once for delays beyond 2^31 − 1 ms; longer ones wake up in between. */
const longestTimer = milliseconds(2 ** 31 - 1);

/** How long work may hold the event loop. */
const longestHold = milliseconds(10);
/** When it turned last for somebody who asked, and the turn that is being waited for. One of each, since there is one event loop. */
let turnedAt = 0;
let nextTurn: Promise<void> | undefined;

/** The machine's clock. The only use of `Date.now` and of timers in the program. */
export const systemClock: Clock = {
  now: () => instantOf(Date.now()),
  elapsed: () => milliseconds(performance.now()),
  after(delay, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      timer =
        left > longestTimer
          ? setTimeout(() => arm(left - longestTimer), longestTimer)
          : setTimeout(callback, Math.max(0, left));
    };
    arm(delay);
    return () => clearTimeout(timer);
  },
  breathe() {
    // All who ask wait for one turn: one each would be as long as all of them together.
    if (nextTurn === undefined && performance.now() - turnedAt >= longestHold) nextTurn = turn();
    return nextTurn;
  },
};

/** The event loop turns once. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => {
      turnedAt = performance.now();
      nextTurn = undefined;
      resolve();
    });
  });

/** Waits for `delay`, or until `signal` aborts; never rejects. Says whether the whole delay went by. */
export function sleep(clock: Clock, delay: Duration, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const onAbort = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(delay, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * A signal that aborts when `parent` does or after `delay`, whichever is first. Call `dispose` when the work is done, so that
 * neither the timer nor the listener outlives it.
 */
export function deadline(
  clock: Clock,
  delay: Duration,
  parent?: AbortSignal,
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) onAbort();
  parent?.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(delay, () =>
    controller.abort(new DOMException('deadline exceeded', 'TimeoutError')),
  );
  return {
    signal: controller.signal,
    dispose() {
      cancel();
      parent?.removeEventListener('abort', onAbort);
    },
  };
}

/** Whether a signal aborted because a `deadline` was over. */
export const isTimeout = ({ reason }: AbortSignal): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError';

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
