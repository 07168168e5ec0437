import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TarEntry } from '../../src/std/tar.ts';
import type { Bundle } from '../bundle/bundle-program.ts';
import { debianLayer } from './debian-layer.ts';
import type { Parts } from './parts.ts';
import type { Platform } from './platform.ts';
import { readTar } from './tar.ts';

/** One part of the image's file system; what changes most often comes last. */
export interface Layer {
  /** For the history of the image, and for whoever waits. */
  readonly name: string;
  readonly entries: readonly TarEntry[];
}

/** Everything that is in the image for one kind of machine. */
export function layersOf(platform: Platform, parts: Parts, { files }: Bundle): Layer[] {
  return [
    { name: 'the libraries of Debian', entries: withFolders(debianLayer(parts, platform)) },
    { name: `Node.js ${parts.node.version}`, entries: withFolders(nodeFiles(parts)) },
    {
      name: 'grantor',
      entries: withFolders([
        ...[...files].map(([name, content]) => ({
          path: `grantor/${name}`,
          mode: name === 'grantor.js' ? 0o755 : 0o644,
          content,
        })),
        { path: 'grantor/LICENSE', mode: 0o644, content: readFileSync(join(root, 'LICENSE')) },
      ]),
    },
  ];
}

const root = join(import.meta.dirname, '../..');

/** The program and its licence; npm, headers and pages of the manual stay behind. */
function nodeFiles({ node }: Parts): TarEntry[] {
  const all = readTar(readFileSync(node.files));
  return Object.entries({ 'package/bin/node': 'nodejs/bin/node', 'package/LICENSE': 'nodejs/LICENSE' }).map(
    ([from, path]) => {
      const found = all.find((entry) => entry.path === from);
      if (found === undefined || !('content' in found)) throw new Error(`${node.files} has no ${from}`);
      return { path, mode: path === 'nodejs/bin/node' ? 0o755 : 0o644, content: found.content };
    },
  );
}

/** Folders come before what is in them. */
function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const own = new Set(entries.map(({ path }) => path));
  const folders = new Set(
    entries.flatMap(({ path }) => {
      const steps = path.split('/').slice(0, -1);
      return steps.map((_, at) => steps.slice(0, at + 1).join('/'));
    }),
  );
  const missing = [...folders].filter((path) => !own.has(path));
  return [...missing.map((path) => ({ path, mode: 0o755, folder: true }) as const), ...entries];
}
