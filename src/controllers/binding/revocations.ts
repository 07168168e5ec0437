import type { ActionFailure } from '../../domain/attempt.ts';
import type { Revocation } from '../../domain/binding-facts.ts';
import { revokeUntil } from '../../issuance/revoke-until.ts';
import { aborted, type Clock, sleep } from '../../std/clock.ts';
import { fractionOf } from '../../std/digest.ts';
import { between, type Instant } from '../../std/instant.ts';
import type { Result } from '../../std/result.ts';

/** The token in one Secret. */
interface Doomed {
  /** Of the binding: `namespace/name`. */
  readonly key: string;
  readonly secretUID: string;
  readonly resourceVersion: string;
  /** When it ends by itself. */
  readonly endsAt: Instant;
}

const none: ReadonlyMap<string, Revocation> = new Map();

/**
 * Tokens that are being revoked (RFC 7009), in memory and beside everything else: a Secret does not wait for an issuer that is away, and
 * the token that was in it is still revoked when the issuer is back. What the end of a term forgets is told as unconfirmed.
 */
export class Revocations {
  readonly name = 'revocations';
  readonly #clock: Clock;
  readonly #ofBinding = new Map<string, Map<string, Revocation>>();
  readonly #listeners: ((key: string) => void)[] = [];
  /** Of the term of the leader: who does not lead asks nobody for anything. */
  #term = new AbortController().signal;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What became of the tokens of a binding, by the UID of the Secret that each was in; until they end by themselves. */
  of(key: string): ReadonlyMap<string, Revocation> {
    return this.#ofBinding.get(key) ?? none;
  }

  /** Has `revoke` done until it succeeds, cannot succeed, or does not matter any more. Returns at once. */
  start(doomed: Doomed, revoke: (signal: AbortSignal) => Promise<Result<void, ActionFailure>>): void {
    const { resourceVersion } = doomed;
    const startedAt = this.#clock.now();
    const term = this.#term;
    this.#note(doomed, { resourceVersion, startedAt, outcome: undefined });
    const { endsAt, secretUID } = doomed;
    void revokeUntil(this.#clock, { endsAt, spread: fractionOf(secretUID) }, revoke, term).then(
      async (confirmed) => {
        this.#note(doomed, { resourceVersion, startedAt, outcome: confirmed ? 'Confirmed' : 'Unconfirmed' });
        for (const listener of this.#listeners) listener(doomed.key);
        await sleep(this.#clock, between(this.#clock.now(), doomed.endsAt), term);
        this.#forget(doomed);
      },
    );
  }

  onSettled(listener: (key: string) => void): void {
    this.#listeners.push(listener);
  }

  /** For as long as the controllers run; then what is under way ends, and all of it is forgotten. */
  run(signal: AbortSignal): Promise<void> {
    this.#term = signal;
    return aborted(signal);
  }

  /** Nothing here is waited for. */
  drain(): Promise<void> {
    return Promise.resolve();
  }

  #note({ key, secretUID }: Doomed, revocation: Revocation): void {
    const known = this.#ofBinding.get(key);
    if (known === undefined) this.#ofBinding.set(key, new Map([[secretUID, revocation]]));
    else known.set(secretUID, revocation);
  }

  #forget({ key, secretUID }: Doomed): void {
    const known = this.#ofBinding.get(key);
    known?.delete(secretUID);
    if (known?.size === 0) this.#ofBinding.delete(key);
  }
}
