import type { Clock } from '../../src/std/clock.ts';
import { type Duration, milliseconds, minutes } from '../../src/std/duration.ts';
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
  /** Whether anything but this process is out of order. */
  readonly #isTroubled: () => boolean;
  /** What came due, or came back, while it stood still. */
  #held: (() => void)[] | undefined;
  /** What stands still in the middle of a step. */
  #halfway: (() => void)[] = [];
  #dead = false;
  #pointsLeft = Infinity;
  #stop: { points: number; readonly time: Duration } | undefined;
  #thawedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: FakeClock, isTroubled: () => boolean) {
    this.#clock = clock;
    this.#isTroubled = isTroubled;
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

  /** Lets it stand still for a while from the `points`th point from now. */
  freezeAfter(points: number, time: Duration): void {
    this.#stop = { points, time };
  }

  /** Not twice in a minute: a step that takes longer than its time is told as an error, and rightly. */
  freeze(time: Duration): void {
    this.#stop = undefined;
    if (this.#dead || this.#clock.elapsed() - this.#thawedAt < minutes(1)) return;
    this.#held ??= [];
    this.#clock.after(time, () => this.thaw());
  }

  /** Goes on, and neither dies nor stands still at any point from now on. */
  spare(): void {
    this.#pointsLeft = Infinity;
    this.#stop = undefined;
    this.thaw();
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.onDeath();
    this.thaw();
  }

  /**
   * Goes on: first with what was in the middle of a step, then with all that came due meanwhile, in order. So a request leaves it of which
   * nobody knows but itself until it has followed up the answer. What a second trouble in that moment would make of it cannot be mended
   * by anybody: where there is one, it hears first that it is not the leader any more.
   */
  thaw(): void {
    const held = this.#held ?? [];
    const halfway = this.#halfway;
    this.#held = undefined;
    this.#halfway = [];
    this.#thawedAt = this.#clock.elapsed();
    const isAlone = this.#pointsLeft === Infinity && !this.#isTroubled();
    for (const goOn of isAlone ? [...halfway, ...held] : [...held, ...halfway])
      this.#clock.after(milliseconds(0), goOn);
  }

  /** Waits until it no longer stands still, and says whether it lives. */
  async awake(): Promise<boolean> {
    if (this.#held !== undefined)
      await new Promise<void>((resolve) => {
        this.#halfway.push(resolve);
      });
    return !this.#dead;
  }

  /** The same, at a point at which it may die. */
  point(): Promise<boolean> {
    this.#pointsLeft -= 1;
    if (this.#pointsLeft < 0) this.die();
    if (this.#stop !== undefined && this.#stop.points-- === 0) this.freeze(this.#stop.time);
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
