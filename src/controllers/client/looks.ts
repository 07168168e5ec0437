import type { Look } from '../../domain/look.ts';
import type { Clock } from '../../std/clock.ts';
import { seconds } from '../../std/duration.ts';
import { type Instant, plus } from '../../std/instant.ts';
import type { World } from '../world.ts';
import type { HeldClient } from './held-clients.ts';

/**
 * When each client was last compared with what its issuer holds, and what was seen. In memory: nothing is written for a look, and after a
 * restart each waits for its next place in the interval.
 */
export class Looks {
  readonly #last = new Map<string, Look>();
  readonly #clock: Clock;
  readonly #hastened = new Map<string, Instant>();
  #onDue = (_key: string): void => {};

  constructor({ clients }: Pick<World, 'clients'>, clock: Clock) {
    this.#clock = clock;
    clients.onChange(({ previous, current }) => {
      if (previous !== undefined && previous.uid !== current?.uid) this.#last.delete(previous.uid);
    });
  }

  /** The last look at the client of this UID; whoever is asked for the first time is known from now on. */
  of(uid: string): Look {
    const known = this.#last.get(uid) ?? { at: this.#clock.now(), differences: [] };
    this.#last.set(uid, known);
    return known;
  }

  note(uid: string, seen: Omit<Look, 'at'>): void {
    this.#last.set(uid, { ...seen, at: this.#clock.now() });
  }

  /** Has a client looked at before its time. `key` is its `namespace/name`. */
  hasten(uid: string, key: string): void {
    this.#last.set(uid, { ...this.of(uid), isDue: true });
    this.#onDue(key);
  }

  /**
   * Has clients of an issuer looked at before their time, but for those that were seen just now or are about to be, and says how many. Not again
   * right after that: undefined then.
   */
  hastenAll(issuerUID: string, clients: () => readonly HeldClient[]): number | undefined {
    const now = this.#clock.now();
    if (isJustBefore(now, this.#hastened.get(issuerUID))) return undefined;
    this.#hastened.set(issuerUID, now);
    const due = clients().filter(({ uid }) => {
      const { at, hash, isDue } = this.of(uid);
      return isDue !== true && !(hash !== undefined && isJustBefore(now, at));
    });
    for (const { uid, key } of due) this.hasten(uid, key);
    return due.length;
  }

  /** Who looks at a client whose look became due. */
  onDue(handler: (key: string) => void): void {
    this.#onDue = handler;
  }
}

/** Whoever was looked at within this time is not looked at again because of another. */
const justNow = seconds(30);

const isJustBefore = (now: Instant, at: Instant | undefined): boolean =>
  at !== undefined && at <= now && plus(at, justNow) > now;
