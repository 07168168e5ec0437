import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The files of a bundle by their paths, as tar itself reads it, below a new folder beside it. */
export function unpack(archive: string): Readonly<Record<string, string>> {
  const folder = `${archive}.d`;
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );
}
