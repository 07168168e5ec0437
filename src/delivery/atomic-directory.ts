import type * as fsPromises from 'node:fs/promises';

/** The calls that this module makes, so that a test can end the program between any two of them. */
export type FileSystem = Pick<
  typeof fsPromises,
  | 'chmod'
  | 'chown'
  | 'mkdir'
  | 'mkdtemp'
  | 'readdir'
  | 'readFile'
  | 'readlink'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'symlink'
  | 'writeFile'
>;

/** Which bits and which group files get; root's if left out. */
interface Access {
  readonly mode: number;
  readonly group: number | undefined;
}

const current = '..data';
const setPrefix = '..set-';

/**
 * Puts a set of files in the place of the former one, as the kubelet does for Secrets: each set is in a folder of its own, `..data` points
 * at one of them and is replaced by a rename, and `<name>` points at `..data/<name>`. Who opens `..data` once and reads there sees all
 * of one set.
 */
export async function replaceFiles(
  fs: FileSystem,
  directory: string,
  files: Readonly<Record<string, string>>,
  access: Access,
): Promise<void> {
  const set = await fs.mkdtemp(`${directory}/${setPrefix}`);
  try {
    await writeSet(fs, set, files, access);
    await fs.rm(`${directory}/${current}.new`, { force: true });
    await fs.symlink(set.slice(directory.length + 1), `${directory}/${current}.new`);
    await fs.rename(`${directory}/${current}.new`, `${directory}/${current}`);
  } catch (error) {
    // Where there is no room, each further attempt would take some.
    await fs.rm(set, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }

  await settle(fs, directory);
}

async function writeSet(
  fs: FileSystem,
  set: string,
  files: Readonly<Record<string, string>>,
  { mode, group }: Access,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = `${set}/${name}`;
    // Nobody but root may read it before it has its group.
    await fs.writeFile(file, content, { mode: 0o400, flag: 'wx' });
    if (group !== undefined) await fs.chown(file, 0, group);
    await fs.chmod(file, mode);
  }
  await fs.chmod(set, 0o755);
}

/** Takes all files away, the whole set at once. */
export async function removeFiles(fs: FileSystem, directory: string): Promise<void> {
  await fs.rm(`${directory}/${current}`, { force: true });
  await settle(fs, directory);
}

/** Makes names agree with the set that `..data` points at, and takes everything else away: also what a program that was killed has left. */
export async function settle(fs: FileSystem, directory: string): Promise<void> {
  const present = new Set(await fs.readdir(directory));
  const set = present.has(current) ? await fs.readlink(`${directory}/${current}`) : undefined;
  const names = set === undefined ? [] : await fs.readdir(`${directory}/${set}`);
  for (const name of names)
    if (!present.has(name)) await fs.symlink(`${current}/${name}`, `${directory}/${name}`);
  const kept = new Set([current, set, ...names]);
  for (const name of present)
    if (!kept.has(name)) await fs.rm(`${directory}/${name}`, { recursive: true, force: true });
}
