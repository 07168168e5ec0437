import { formsOf, fragmentLength, publicPrefix } from './fragments.ts';

/**
 * Every fragment of 16 bytes holds one of the blocks of 8 that begin at a multiple of 8. So only those are looked up, and what lies
 * around a block is compared where one is found.
 */
const blockLength = fragmentLength / 2;
const base = 0x01000193;
const filterBits = 24;

export interface Leak {
  /** Which secret, by its place in the list. */
  readonly secret: number;
  readonly encoding: string;
  /** Where in the text. */
  readonly offset: number;
}

interface Block {
  readonly bytes: Buffer;
  readonly at: number;
  readonly secret: number;
  readonly encoding: string;
}

/** Finds fragments of many secrets in long texts, in one pass over the text however many there are. */
export class FragmentIndex {
  readonly #blocks = new Map<number, Block[]>();
  /** Says "no" to nearly all positions of a text, without a look into the map. */
  readonly #filter = new Uint8Array(2 ** (filterBits - 3));

  constructor(secrets: readonly string[]) {
    secrets.forEach((secret, index) => {
      const known = publicPrefix(secret);
      for (const { encoding, text } of formsOf(secret.slice(known))) {
        const bytes = Buffer.from(text);
        for (let at = 0; at + blockLength <= bytes.length; at += blockLength) {
          this.#add(hashOf(bytes, at), { bytes, at, secret: index, encoding });
        }
      }
    });
  }

  /** The leaks in a text, one for each secret at most. */
  search(text: Buffer): Leak[] {
    const found = new Map<number, Leak>();
    let highest = 1;
    for (let n = 1; n < blockLength; n++) highest = Math.imul(highest, base);
    let hash = text.length < blockLength ? 0 : hashOf(text, 0);
    for (let at = 0; at + blockLength <= text.length; at++) {
      const slot = hash >>> (32 - filterBits);
      if (((this.#filter[slot >>> 3] ?? 0) & (1 << (slot & 7))) !== 0) {
        for (const block of this.#blocks.get(hash) ?? []) {
          if (!found.has(block.secret) && isFragment(text, at, block)) {
            found.set(block.secret, { secret: block.secret, encoding: block.encoding, offset: at });
          }
        }
      }
      hash = (Math.imul(hash - Math.imul(text[at] ?? 0, highest), base) + (text[at + blockLength] ?? 0)) | 0;
    }
    return [...found.values()];
  }

  #add(hash: number, block: Block): void {
    const slot = hash >>> (32 - filterBits);
    this.#filter[slot >>> 3] = (this.#filter[slot >>> 3] ?? 0) | (1 << (slot & 7));
    const others = this.#blocks.get(hash);
    if (others === undefined) this.#blocks.set(hash, [block]);
    else others.push(block);
  }
}

/** The hash of a block; `search` rolls it on from byte to byte. */
function hashOf(bytes: Buffer, from: number): number {
  let hash = 0;
  for (let at = from; at < from + blockLength; at++) hash = (Math.imul(hash, base) + (bytes[at] ?? 0)) | 0;
  return hash;
}

/** Whether the text has 16 bytes in a row of the secret around the block, or all of a secret that is shorter. */
function isFragment(text: Buffer, offset: number, { bytes, at }: Block): boolean {
  let before = 0;
  while (before < at && offset > before && text[offset - before - 1] === bytes[at - before - 1]) before += 1;
  let after = 0;
  while (at + after < bytes.length && text[offset + after] === bytes[at + after]) after += 1;
  return after >= blockLength && before + after >= Math.min(fragmentLength, bytes.length);
}
