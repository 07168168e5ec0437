/**
 * A value that must not be seen: tokens, keys, assertions, client secrets.
 *
 * It prints as `[secret]` however it is printed: string conversion, JSON, `util.inspect`. `reveal` is called only in the
 * files that an architecture test lists.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself, for the one place that sends or stores it. */
  reveal(): T {
    return this.#value;
  }

  /** Whether both hold the same primitive value, without showing either. */
  equals(other: Secret<T> | undefined): boolean {
    return other !== undefined && this.#value === other.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
