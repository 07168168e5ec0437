/** The outcome of something that is expected to fail at times. Unexpected failures are thrown as `OperatorError`. */
export type Result<T, E> = Ok<T> | Err<E>;
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

/** A success. */
export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });

/** An expected failure, as data. */
export const err = <E>(error: E): Err<E> => ({ ok: false, error });
