import type { Clock } from '../../src/std/clock.ts';
import { type Duration, milliseconds } from '../../src/std/duration.ts';
import { type Instant, instantOf, plus } from '../../src/std/instant.ts';

interface Timer {
  /** On the time that has passed, not on what the clock shows: as on a real machine, `jump` moves no timer. */
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #passed = 0;
  #shown: Instant;
  #order = 0;
  readonly #timers = new Set<Timer>();

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
    const timer = { due: this.#passed + Math.max(0, delay), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many callbacks are waiting: 0 at the end of a test means that no timer leaked. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next callback is due, if any waits. */
  get nextDue(): Instant | undefined {
    const first = this.#first();
    return first === undefined ? undefined : plus(this.#shown, milliseconds(first.due));
  }

  /**
   * Moves time forward by `by`. Runs what comes due in order, each at its own time, and lets promises settle before the
   * first, between any two and after the last, so that callbacks set meanwhile run too if they come due.
   */
  async advance(by: Duration): Promise<void> {
    const target = this.#passed + by;
    await this.settle();
    for (let timer = this.#first(); timer !== undefined && timer.due <= target; timer = this.#first()) {
      this.#timers.delete(timer);
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

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      const isEarlier = first === undefined || timer.due < first.due;
      if (isEarlier || (timer.due === first?.due && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
