import type { Duration } from '../std/duration.ts';

/** What is wrong, in a sentence. A thrown error is one too. */
export interface OutcomeError {
  readonly message: string;
}

/**
 * How working on a key ended.
 *
 * - `done`: nothing to do until something changes
 * - `again`: well so far, and due again after a while
 * - `retry`: failed; again with back-off, but not before `atLeast` (a server's `Retry-After`)
 * - `stuck`: failed, and no retry would help until something changes
 */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly after: Duration }
  | { readonly kind: 'retry'; readonly error: OutcomeError; readonly atLeast?: Duration | undefined }
  | { readonly kind: 'stuck'; readonly error: OutcomeError };

export const done: Outcome = { kind: 'done' };
export const again = (after: Duration): Outcome => ({ kind: 'again', after });
export const retry = (error: OutcomeError, atLeast?: Duration): Outcome => ({
  kind: 'retry',
  error,
  atLeast,
});
export const stuck = (error: OutcomeError): Outcome => ({ kind: 'stuck', error });
