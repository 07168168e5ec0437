import type { Clock } from '../../src/std/clock.ts';
import type { Duration } from '../../src/std/duration.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';

/** One for each who waits: a shared one would keep alive all that ever waited for it. */
const never = (): Promise<never> => new Promise(() => {});

/**
 * The life of one process: it runs, stands still (SIGSTOP), or is dead (SIGKILL). What it calls passes a point before and after each call, and at any of
 * these it can end. With it end its timers, and no call is ever answered.
 */
export class Life {
  /** The clock as this process sees it. */
  readonly clock: Clock;
  /** Called once when it ends. */
  onDeath = (): void => {};
  readonly #clock: FakeClock;
  readonly #timers = new Set<() => void>();
  /** What came due, or came back, while it stood still. */
  #held: (() => void)[] | undefined;
  #dead = false;
  #pointsLeft = Infinity;
  #thawedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.clock = {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      breathe: () => undefined,
      after: (delay, callback) => this.#after(delay, callback),
    };
  }

  get dead(): boolean {
    return this.#dead;
  }
  get frozen(): boolean {
    return this.#held !== undefined;
  }
  /** When it last went on after it stood still, on the time that has passed. */
  get thawedAt(): number {
    return this.#thawedAt;
  }

  /** Lets it die at the `points`th point from now. */
  dieAfter(points: number): void {
    this.#pointsLeft = points;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#held = undefined;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.onDeath();
  }

  freeze(): void {
    this.#held ??= [];
  }

  /** Goes on, with all that came due meanwhile, in order. */
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#thawedAt = this.#clock.elapsed();
    for (const callback of held) callback();
  }

  /** Resolves where it goes on: at once, when it no longer stands still, or never. */
  point(): Promise<void> {
    if (!this.#dead && this.#pointsLeft !== Infinity) {
      this.#pointsLeft -= 1;
      if (this.#pointsLeft < 0) this.die();
    }
    return this.awake();
  }

  /** The same, without being a point at which it may die. */
  awake(): Promise<void> {
    if (this.#dead) return never();
    const held = this.#held;
    return held === undefined
      ? Promise.resolve()
      : new Promise((resolve) => {
          held.push(resolve);
        });
  }

  #after(delay: Duration, callback: () => void): () => void {
    if (this.#dead) return () => {};
    let cancelled = false;
    const cancelTimer = this.#clock.after(delay, () => {
      this.#timers.delete(cancelTimer);
      if (this.#held === undefined) callback();
      else
        this.#held.push(() => {
          if (!cancelled) callback();
        });
    });
    this.#timers.add(cancelTimer);
    return () => {
      cancelled = true;
      this.#timers.delete(cancelTimer);
      cancelTimer();
    };
  }
}
