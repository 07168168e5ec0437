import type { Instant } from '../../std/instant.ts';

/** A file of an archive. */
export interface Entry {
  /** With `/`, and no longer than the format allows: 100 bytes, and 155 more for its folder. */
  readonly path: string;
  readonly text: string;
}

const blockSize = 512;

/** An archive in the ustar format (POSIX.1-2001, pax, section "ustar Interchange Format"). */
export function tarOf(entries: readonly Entry[], modified: Instant): Buffer {
  const blocks = entries.flatMap(({ path, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize);
    return [header(path, content.length, modified), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function header(path: string, size: number, modified: Instant): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const [folder, name] = splitPath(path);
  block.write(name, 0, 100);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(Math.floor(modified / 1000), 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  block.write(folder, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A long path goes into two fields, parted at a slash. */
function splitPath(path: string): readonly [folder: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash).slice(0, 155), path.slice(slash + 1).slice(-100)];
}
