import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { err, ok, type Result } from '../../std/result.ts';
import type { Complaint } from '../complaint.ts';

/** Writes what comes, compressed, into a file that nobody else can read, and never over one that is there. Half a file is taken away again. */
export async function writeNewFile(
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<Result<void, Complaint>> {
  let isOurs = false;
  try {
    const file = await open(name, 'wx', 0o600);
    isOurs = true;
    await pipeline(content, createGzip(), file.createWriteStream());
    return ok(undefined);
  } catch (cause) {
    if (isOurs) await rm(name, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    return err({
      exit: 'usage',
      message: `${name} cannot be written: ${code === 'EEXIST' ? 'it is there already' : code}`,
      remedy: 'name another file with --file',
    });
  }
}
