import type { Duration } from '../../std/duration.ts';
import { type Instant, latest, plus } from '../../std/instant.ts';

/**
 * Whose turn it is to begin a rotation at an issuer: one after the other, as far apart as its OAuthIssuer says. Kept in memory: after a
 * change of the leader one may begin sooner than that.
 */
export class RotationTurns {
  /** By the UID of the client. */
  readonly #turns = new Map<string, Instant>();
  /** By the name of the issuer. */
  readonly #last = new Map<string, Instant>();

  of(client: string): Instant | undefined {
    return this.#turns.get(client);
  }

  /** Gives a client its turn, the next that is free. */
  take(client: string, issuer: string, spacing: Duration, now: Instant): Instant {
    const last = this.#last.get(issuer);
    const turn = last === undefined ? now : latest(now, plus(last, spacing));
    this.#last.set(issuer, turn);
    this.#turns.set(client, turn);
    return turn;
  }

  /** It has begun, or does not want to any more. */
  giveUp(client: string): void {
    this.#turns.delete(client);
  }
}
