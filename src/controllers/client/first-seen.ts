import type { Clock } from '../../std/clock.ts';
import type { Instant } from '../../std/instant.ts';

/** Since when things are as they are, as far as this process has seen: what waits for some time begins to wait anew after a restart. */
export class FirstSeen {
  readonly #since = new Map<string, Instant>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When this was asked for the first time. */
  of(key: string): Instant {
    const since = this.#since.get(key) ?? this.#clock.now();
    this.#since.set(key, since);
    return since;
  }
}
