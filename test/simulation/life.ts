import type { Clock } from '../../src/std/clock.ts';
import type { Duration } from '../../src/std/duration.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';

/**
 * The life of one process: it runs, stands still (SIGSTOP), or is dead (SIGKILL). What it calls passes a point before and after each call,
 * and at any of these it can end. From then on nothing reaches it and nothing leaves it: its code still runs, in a sealed box and only
 * to its end, since signals that never abort would keep every dead process in memory.
 */
export class Life {
  /** The clock as this process sees it. */
  readonly clock: Clock;
  /** Called once when it ends. */
  onDeath = (): void => {};
  readonly #clock: FakeClock;
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
    this.onDeath();
    this.thaw();
  }

  freeze(): void {
    if (!this.#dead) this.#held ??= [];
  }

  /** Goes on, with all that came due meanwhile, in order. */
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#thawedAt = this.#clock.elapsed();
    for (const callback of held) callback();
  }

  /** Waits until it no longer stands still, and says whether it lives. */
  async awake(): Promise<boolean> {
    const held = this.#held;
    if (held !== undefined)
      await new Promise<void>((resolve) => {
        held.push(resolve);
      });
    return !this.#dead;
  }

  /** The same, at a point at which it may die. */
  point(): Promise<boolean> {
    this.#pointsLeft -= 1;
    if (this.#pointsLeft < 0) this.die();
    return this.awake();
  }

  #after(delay: Duration, callback: () => void): () => void {
    let cancelled = false;
    const cancelTimer = this.#clock.after(delay, () => {
      if (this.#held === undefined) callback();
      else
        this.#held.push(() => {
          if (!cancelled) callback();
        });
    });
    return () => {
      cancelled = true;
      cancelTimer();
    };
  }
}
