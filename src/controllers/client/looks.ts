import type { Look } from '../../domain/look.ts';
import type { Clock } from '../../std/clock.ts';
import type { World } from '../world.ts';

/**
 * When each client was last compared with what its issuer holds, and what was seen. In memory: nothing is written for a look, and after a
 * restart each waits for its next place in the interval.
 */
export class Looks {
  readonly #last = new Map<string, Look>();
  readonly #clock: Clock;
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

  /** Who looks at a client whose look became due. */
  onDue(handler: (key: string) => void): void {
    this.#onDue = handler;
  }
}
