import type { ActionFailure, FailedAttempt } from '../domain/attempt.ts';
import type { Instant } from '../std/instant.ts';

/**
 * The last failure of each object, in memory: after a restart each due action is tried once more, which is what one wants. Decisions
 * get it as a fact; only successes and other attempts remove it.
 */
export class Attempts {
  readonly #failed = new Map<string, FailedAttempt>();

  get(key: string): FailedAttempt | undefined {
    return this.#failed.get(key);
  }

  /** Notes a failure; the same one again counts up. */
  fail(key: string, fingerprint: string, failure: ActionFailure, at: Instant): void {
    const previous = this.#failed.get(key);
    const count = previous?.fingerprint === fingerprint ? previous.count + 1 : 1;
    this.#failed.set(key, { fingerprint, failure, at, count });
  }

  /** Forgets the failure; with a fingerprint, only if it is one of that. */
  forget(key: string, fingerprint?: string): void {
    if (fingerprint !== undefined && this.#failed.get(key)?.fingerprint !== fingerprint) return;
    this.#failed.delete(key);
  }
}
