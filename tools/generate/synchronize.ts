import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { type GeneratedFile, isGenerated } from './generated-file.ts';

/** A file that is not as it should be. */
export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'stale' | 'orphaned';
  /** What should be there; nothing for an orphan. */
  readonly content?: string;
}

/** Compares what should be there with what is, also finding generated files whose source is gone from the same folders. */
export async function differences(
  root: string,
  files: readonly GeneratedFile[],
): Promise<readonly Difference[]> {
  const wanted = new Set(files.map(({ path }) => path));
  const folders = new Set(files.map(({ path }) => posix.dirname(path)));
  const changed = await Promise.all(files.map((file) => differenceOf(root, file)));
  const orphans = await Promise.all([...folders].map((folder) => orphansIn(root, folder, wanted)));
  return [...changed, ...orphans].flat();
}

/** Makes the difference go away. */
export async function settle(root: string, { path, content }: Difference): Promise<void> {
  const at = join(root, path);
  if (content === undefined) return rm(at);
  await mkdir(dirname(at), { recursive: true });
  await writeFile(at, content);
}

async function differenceOf(root: string, { path, content }: GeneratedFile): Promise<readonly Difference[]> {
  const found = await readIfThere(join(root, path));
  if (found === content) return [];
  return [{ path, content, kind: found === undefined ? 'missing' : 'stale' }];
}

async function orphansIn(
  root: string,
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<readonly Difference[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ifMissing([]));
  const orphans: Difference[] = [];
  for (const entry of entries) {
    const path = posix.join(folder, entry.name);
    if (!entry.isFile() || wanted.has(path)) continue;
    if (isGenerated(await readFile(join(root, path), 'utf8'))) orphans.push({ path, kind: 'orphaned' });
  }
  return orphans;
}

const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(ifMissing(undefined));

const ifMissing =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead;
    throw error;
  };
