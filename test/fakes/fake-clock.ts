import type { Clock } from '../../src/std/clock.ts';
import { type Duration, milliseconds } from '../../src/std/duration.ts';
import { createHeap, type HeapItem } from '../../src/std/heap.ts';
import { type Instant, instantOf, plus } from '../../src/std/instant.ts';

/** A callback that waits. `due` is on the time that has passed, not on what the clock shows. */
interface Timer extends HeapItem {
  readonly due: number;
  /** Of two that are due at the same time, the one that was set first comes first. */
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #passed = 0;
  #shown: Instant;
  #order = 0;
  readonly #timers = createHeap<Timer>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));

  constructor(start: Instant = instantOf(Date.parse('2026-01-01T00:00:00Z'))) {
    this.#shown = start;
  }

  now(): Instant {
    return plus(this.#shown, milliseconds(this.#passed));
  }

  elapsed(): Duration {
    return milliseconds(this.#passed);
  }

  after(delay: Duration, callback: () => void): () => void {
    // Not on what the clock shows: as on a real machine, `jump` moves no timer.
    const due = this.#passed + Math.max(0, delay);
    const timer = { due, order: this.#order++, callback, position: -1 };
    this.#timers.push(timer);
    return () => this.#timers.remove(timer);
  }

  /** What stands still holds nobody up. */
  breathe(): undefined {
    return undefined;
  }

  /** How many callbacks are waiting: 0 at the end of a test means that no timer leaked. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next callback is due, if any waits. */
  get nextDue(): Instant | undefined {
    const { first } = this.#timers;
    return first === undefined ? undefined : plus(this.#shown, milliseconds(first.due));
  }

  /**
   * Moves time forward by `by`. Runs what comes due in order, each at its own time, and lets promises settle before the
   * first, between any two and after the last, so that callbacks set meanwhile run too if they come due.
   */
  async advance(by: Duration): Promise<void> {
    const target = this.#passed + by;
    await this.settle();
    for (let timer = this.#shiftDue(target); timer !== undefined; timer = this.#shiftDue(target)) {
      this.#passed = Math.max(this.#passed, timer.due);
      timer.callback();
      await this.settle();
    }
    this.#passed = target;
  }

  /** Sets the clock to `to`, without any time passing: what happens when someone corrects a machine's clock. */
  jump(to: Instant): void {
    this.#shown = instantOf(to - this.#passed);
  }

  /** Lets every promise that can settle do so; real I/O is not waited for. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** Takes out the next callback that is due until `target`. */
  #shiftDue(target: number): Timer | undefined {
    const { first } = this.#timers;
    if (first === undefined || first.due > target) return undefined;
    this.#timers.remove(first);
    return first;
  }
}
