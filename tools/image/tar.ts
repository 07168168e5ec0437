import { type TarEntry, tarBlocks, tarEnd } from '../../src/std/tar.ts';

const block = 512;

/** An archive that depends on nothing but its entries: sorted by path. */
export const writeTar = (entries: readonly TarEntry[]): Buffer => Buffer.concat([...tarParts(entries)]);

/** The same, piece by piece: some are big. */
export function* tarParts(entries: readonly TarEntry[]): Generator<Uint8Array> {
  const sorted = entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  for (const entry of sorted) yield* tarBlocks(entry);
  yield tarEnd();
}

/** What files, folders and symbolic links are in an archive of ours, of npm or of Debian. */
export function readTar(bytes: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let longPath: string | undefined;
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8) || 0;
    const content = bytes.subarray(at + block, at + block + size);
    const kind = text(156, 1);
    if (kind === 'L') {
      longPath = content.toString().replace(/\0.*$/s, '');
    } else {
      const prefix = text(345, 155);
      const named = longPath ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
      const path = named.replace(/^\.?\//, '').replace(/\/$/, '');
      const mode = Number.parseInt(text(100, 8), 8);
      if (kind === '0' || kind === '') entries.push({ path, mode, content });
      if (kind === '5') entries.push({ path, mode, folder: true });
      if (kind === '2') entries.push({ path, target: text(157, 100) });
      longPath = undefined;
    }
    at += block + Math.ceil(size / block) * block;
  }
  return entries;
}
