/** What an archive holds, by its path from the root, without a slash in front. */
export type TarEntry =
  | { readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly path: string; readonly mode: number; readonly folder: true }
  | { readonly path: string; readonly target: string };

const block = 512;

/**
 * An archive in the format of POSIX (ustar) that depends on nothing but its entries: sorted by path, everything root's, times at the epoch.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export const writeTar = (entries: readonly TarEntry[]): Buffer => Buffer.concat([...tarParts(entries)]);

/** The same, piece by piece: some are big. */
export function* tarParts(entries: readonly TarEntry[]): Generator<Uint8Array> {
  const sorted = entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  for (const entry of sorted) {
    const content = 'content' in entry ? entry.content : new Uint8Array();
    yield header(entry, content.length);
    yield content;
    yield Buffer.alloc(-content.length & (block - 1));
  }
  yield Buffer.alloc(2 * block);
}

function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const path = 'folder' in entry ? `${entry.path}/` : entry.path;
  const target = 'target' in entry ? entry.target : '';
  if (Buffer.byteLength(path) > 100 || Buffer.byteLength(target) > 100)
    throw new Error(`${path} is too long`);
  const octal = (value: number, at: number, width: number) =>
    bytes.write(value.toString(8).padStart(width - 1, '0'), at);
  bytes.write(path, 0);
  octal('mode' in entry ? entry.mode : 0o777, 100, 8);
  for (const owner of [108, 116]) octal(0, owner, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  bytes.write(' '.repeat(8), 148);
  bytes.write('folder' in entry ? '5' : 'target' in entry ? '2' : '0', 156);
  bytes.write(target, 157);
  bytes.write('ustar\x0000', 257);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  bytes.write('\0 ', 154);
  return bytes;
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
