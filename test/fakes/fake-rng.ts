import type { Rng } from '../../src/std/rng.ts';

/** Chance as a test wants it: `next` repeats the given numbers in turn (0.5 for ever by default), UUIDs count up. */
export class FakeRng implements Rng {
  readonly #numbers: readonly number[];
  #next = 0;
  #uuids = 0;

  constructor(...numbers: readonly number[]) {
    this.#numbers = numbers.length === 0 ? [0.5] : numbers;
  }

  next(): number {
    return this.#numbers[this.#next++ % this.#numbers.length] ?? 0.5;
  }

  uuid(): string {
    this.#uuids += 1;
    return `00000000-0000-4000-8000-${this.#uuids.toString(16).padStart(12, '0')}`;
  }
}
