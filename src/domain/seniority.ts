import { type Age, byAge } from './eldest.ts';

/**
 * Objects in the order of their age. Of all that exist the oldest are within a quota, refused ones and those that are going included: so
 * it is a matter of age alone, and every replica says the same.
 */
export class Seniority<T extends Age> {
  readonly #eldestFirst: T[];

  constructor(members: Iterable<T> = []) {
    this.#eldestFirst = [...members].sort(byAge);
  }

  /** Whether there are `quota` older ones. */
  isBeyond(quota: number, one: Age): boolean {
    const last = this.#eldestFirst[quota - 1];
    return quota === 0 || (last !== undefined && byAge(one, last) > 0);
  }

  /** Takes one in. Answers which other one that pushes out of the quota, if it does. */
  add(quota: number, one: T): T | undefined {
    const at = this.#placeOf(one);
    if (this.#eldestFirst[at]?.uid === one.uid) return undefined;
    this.#eldestFirst.splice(at, 0, one);
    return at < quota ? this.#eldestFirst[quota] : undefined;
  }

  /** Lets one go. Answers which other one comes within the quota thereby, if one does. */
  delete(quota: number, one: Age): T | undefined {
    const at = this.#placeOf(one);
    if (this.#eldestFirst[at]?.uid !== one.uid) return undefined;
    this.#eldestFirst.splice(at, 1);
    return at < quota ? this.#eldestFirst[quota - 1] : undefined;
  }

  /** Where one is, or would be: a search that halves, since a tenant may have ten thousand. */
  #placeOf(one: Age): number {
    let [low, high] = [0, this.#eldestFirst.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#eldestFirst[middle];
      if (other !== undefined && byAge(other, one) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
