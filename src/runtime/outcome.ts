import type { Duration } from '../std/duration.ts';

/** What is wrong, in a sentence. A thrown error is one too. */
export interface OutcomeError {
  readonly message: string;
}

/**
 * Why a key failed, as far as it matters for when to try again.
 *
 * - `passing`: something is away or busy, or what it rests on was older than what the server has
 * - `lasting`: somebody said no, and will until somebody changes something
 * - `defect`: it threw
 */
export type RetryCause = 'passing' | 'lasting' | 'defect';

/**
 * How working on a key ended.
 *
 * - `done`: nothing to do until something changes
 * - `again`: well so far, and due again after a while
 * - `retry`: failed; again with back-off, but not before `atLeast` (a server's `Retry-After`), and after `due` whatever the back-off
 * - `stuck`: failed, and no retry would help until something changes
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly after: Duration }
  | {
      readonly kind: 'retry';
      readonly error: OutcomeError;
      readonly cause: RetryCause;
      readonly atLeast?: Duration | undefined;
      readonly due?: Duration | undefined;
    }
  | { readonly kind: 'stuck'; readonly error: OutcomeError };

export const done: Outcome = { kind: 'done' };
export const again = (after: Duration): Outcome => ({ kind: 'again', after });
export const retry = (
  error: OutcomeError,
  cause: RetryCause,
  { atLeast, due }: { readonly atLeast?: Duration | undefined; readonly due?: Duration | undefined } = {},
): Outcome => ({ kind: 'retry', error, cause, atLeast, due });
export const stuck = (error: OutcomeError): Outcome => ({ kind: 'stuck', error });
