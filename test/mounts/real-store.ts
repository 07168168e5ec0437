import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from '../../src/delivery/atomic-directory.ts';
import { mountedAt } from '../../src/node/mount-table.ts';
import { type Mounts, systemMounts } from '../../src/node/mounts.ts';
import { createNamespacedStore } from '../../src/node/namespaced-store.ts';
import type { StoreUnderTest } from '../contract/volume-store.ts';

/** The real store in a folder of its own. What it has mounted goes with the mount namespace. */
export async function realStore(
  interposed: { readonly mounts?: Mounts; readonly fs?: FileSystem } = {},
): Promise<
  StoreUnderTest & {
    readonly directory: string;
    startWith(these: typeof interposed): ReturnType<StoreUnderTest['start']>;
  }
> {
  const kubelet = await mkdtemp(join(process.env['GRANTOR_TEST_MOUNTS'] ?? tmpdir(), 'kubelet-'));
  const directory = join(kubelet, 'plugins/csi.grantor.dev');
  const podsDirectory = join(kubelet, 'pods');
  await mkdir(directory, { recursive: true });
  await mkdir(podsDirectory);
  const startWith = (these: typeof interposed) =>
    createNamespacedStore({ directory, podsDirectory, ...these });
  return {
    directory,
    startWith,
    start: () => startWith(interposed),
    async target(name) {
      const parent = join(podsDirectory, name, 'volumes/kubernetes.io~csi/token');
      await mkdir(parent, { recursive: true });
      return join(parent, 'mount');
    },
    async seenAt(targetPath) {
      if (mountedAt(await systemMounts.table(), targetPath) === undefined) return undefined;
      const attempt = await writeFile(join(targetPath, 'mine'), '').catch(
        ({ code }: NodeJS.ErrnoException) => code,
      );
      if (attempt !== 'EROFS') return 'writable';
      const names = (await readdir(targetPath)).filter((name) => !name.startsWith('..'));
      return Object.fromEntries(
        await Promise.all(
          names.map(async (name) => {
            const file = join(targetPath, name);
            const { mode, gid } = await stat(file);
            return [
              name,
              { content: await readFile(file, 'utf8'), mode: mode & 0o7777, group: gid },
            ] as const;
          }),
        ),
      );
    },
    exists: (targetPath) => Promise.resolve(existsSync(targetPath) && statSync(targetPath).isDirectory()),
    spoilState: (volumeID) =>
      writeFile(join(directory, 'volumes/shop', volumeID, 'volume.json'), '{"version":'),
    close: () => Promise.resolve(),
  };
}
