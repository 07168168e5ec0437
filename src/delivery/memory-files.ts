import * as fs from 'node:fs';
import * as fsPromises from 'node:fs/promises';
import type { FileSystem } from './atomic-directory.ts';

/** Does at once what Node.js would have a thread do. */
const atOnce = (call: (...args: never[]) => unknown): never =>
  (async (...args: never[]) => call(...args)) as never;

/**
 * The calls for a file system in memory. They take microseconds, and handing each to a thread would take many times that. Folders are also
 * made and removed where a disk is, which may take its time.
 */
export const memoryFiles: FileSystem = {
  mkdir: fsPromises.mkdir,
  rmdir: fsPromises.rmdir,
  chmod: atOnce(fs.chmodSync),
  chown: atOnce(fs.chownSync),
  mkdtemp: atOnce(fs.mkdtempSync),
  readdir: atOnce(fs.readdirSync),
  readFile: atOnce(fs.readFileSync),
  readlink: atOnce(fs.readlinkSync),
  rename: atOnce(fs.renameSync),
  rm: atOnce(fs.rmSync),
  symlink: atOnce(fs.symlinkSync),
  writeFile: atOnce(fs.writeFileSync),
};
