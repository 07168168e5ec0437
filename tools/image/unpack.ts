import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TarEntry } from '../../src/std/tar.ts';

/** Writes entries as files, folders and links below `directory`, with exactly their modes. */
export function unpack(entries: readonly TarEntry[], directory: string): void {
  for (const entry of entries) {
    const path = join(directory, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if ('target' in entry) {
      symlinkSync(entry.target, path);
      continue;
    }
    if ('folder' in entry) mkdirSync(path, { recursive: true });
    else writeFileSync(path, entry.content);
    chmodSync(path, entry.mode);
  }
}
