import { type Instant, instantOf } from './instant.ts';

/** What an archive holds, by its path from the root, without a slash in front. */
export type TarEntry =
  | { readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly path: string; readonly mode: number; readonly folder: true }
  | { readonly path: string; readonly target: string };

const block = 512;

/**
 * One entry of an archive in the format of POSIX (ustar), everything root's, times to the second.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function tarBlocks(entry: TarEntry, modified: Instant = instantOf(0)): readonly Uint8Array[] {
  const content = 'content' in entry ? entry.content : new Uint8Array();
  return [header(entry, content.length, modified), content, Buffer.alloc(-content.length & (block - 1))];
}

/** What comes after the last entry. */
export const tarEnd = (): Uint8Array => Buffer.alloc(2 * block);

function header(entry: TarEntry, size: number, modified: Instant): Buffer {
  const bytes = Buffer.alloc(block);
  const path = 'folder' in entry ? `${entry.path}/` : entry.path;
  const target = 'target' in entry ? entry.target : '';
  const { prefix, name } = parted(path);
  if ([name, target].some((field) => Buffer.byteLength(field) > 100) || Buffer.byteLength(prefix) > 155)
    throw new Error(`${path} is too long`);
  const octal = (value: number, at: number, width: number) =>
    bytes.write(value.toString(8).padStart(width - 1, '0'), at);
  bytes.write(name, 0);
  octal('mode' in entry ? entry.mode : 0o777, 100, 8);
  for (const owner of [108, 116]) octal(0, owner, 8);
  octal(size, 124, 12);
  octal(Math.floor(modified / 1000), 136, 12);
  bytes.write(' '.repeat(8), 148);
  bytes.write('folder' in entry ? '5' : 'target' in entry ? '2' : '0', 156);
  bytes.write(target, 157);
  bytes.write('ustar\x0000', 257);
  bytes.write(prefix, 345);
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  bytes.write('\0 ', 154);
  return bytes;
}

/** A long path goes into two fields, parted at the slash before its last word. */
function parted(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path };
  const [, prefix = '', name = path] = /^(.+)\/([^/]+\/?)$/.exec(path) ?? [];
  return { prefix, name };
}
