import { type FileSystem, removeFiles, replaceFiles, settle } from '../delivery/atomic-directory.ts';
import { memoryFiles } from '../delivery/memory-files.ts';
import type { Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { type MountEntry, mountedAt } from './mount-table.ts';
import { type Mounts, systemMounts } from './mounts.ts';
import { openTmpfs, unmountAll } from './open-tmpfs.ts';
import { attempt, codeOf, orThrow, StoreError, unless } from './store-error.ts';
import { isTargetPath, isVolumeID } from './volume-paths.ts';
import { decodeVolumeState, encodeVolumeState } from './volume-state.ts';
import type { StoredVolume, StoreFailure, VolumeStore } from './volume-store.ts';

/** What stores of volumes are made with. */
export interface StoreOptions {
  /** The plug-in's own folder below the kubelet's, `Bidirectional`: what is mounted there outlives the plug-in. */
  readonly directory: string;
  /** Where the kubelet keeps what belongs to pods, `Bidirectional` too. */
  readonly podsDirectory: string;
  readonly mounts?: Mounts;
  readonly fs?: FileSystem;
}

/**
 * The volumes of a namespace in a memory file system:
 *
 * ```
 * volumes/<namespace>/<volume id>/volume.json      the state; the volume is there as long as this is
 * volumes/<namespace>/<volume id>/data/            the files, bound to the target path
 * volumes-ro/<namespace>/                          the same file system, read-only: binds are taken from here, because flags of a
 *                                                  mount do not reach the node by a remount, and a bind copies those of its source
 * ```
 *
 * The mount table says what is mounted, and `volume.json` what is wanted; nothing else is believed. Calls for one volume come one
 * after the other.
 */
export function createTmpfsStore(
  { directory, podsDirectory, mounts = systemMounts, fs = memoryFiles }: StoreOptions,
  namespace: string,
): VolumeStore {
  const volumes = `${directory}/volumes/${namespace}`;
  const readOnlyView = `${directory}/volumes-ro/${namespace}`;

  /** Where of a volume lies what. */
  const placesOf = (volumeID: string) => ({
    home: `${volumes}/${volumeID}`,
    state: `${volumes}/${volumeID}/volume.json`,
    data: `${volumes}/${volumeID}/data`,
    root: `/${volumeID}/data`,
  });

  /** Every mount of the files of a volume, wherever it is. */
  async function mountsOf(volumeID: string): Promise<readonly MountEntry[]> {
    const table = await mounts.table();
    const device = mountedAt(table, volumes)?.device;
    const { root } = placesOf(volumeID);
    return table.filter((entry) => entry.device === device && entry.root === root);
  }

  async function read(volumeID: string): Promise<StoredVolume> {
    if (!isVolumeID(volumeID)) return { volumeID, problem: 'its name is no volume id' };
    const places = placesOf(volumeID);
    let json: string;
    try {
      await settle(fs, places.data).catch(unless('ENOENT'));
      json = await fs.readFile(places.state, 'utf8');
    } catch (error) {
      return { volumeID, problem: `its state cannot be read: ${codeOf(error)}` };
    }
    const state = decodeVolumeState(json);
    if (!state.ok) return { volumeID, problem: state.error };
    if (state.value.volumeID !== volumeID)
      return { volumeID, problem: 'the state is that of another volume' };
    return { volumeID, state: state.value };
  }

  async function removeTarget(path: string): Promise<void> {
    orThrow(await unmountAll(path, mounts));
    // Never what is in it: it is a place to mount on.
    await fs.rmdir(path).catch(unless('ENOENT'));
  }

  const about = (volumeID: string, work: () => Promise<void>): Promise<Result<void, StoreFailure>> =>
    attempt(async () => {
      if (!isVolumeID(volumeID)) throw new StoreError('this is no volume id');
      await work();
    });

  /** The folder that is bound, so that pods get into it whatever the umask. */
  async function makeData(data: string): Promise<void> {
    await fs.mkdir(data).catch(unless('EEXIST'));
    await fs.chmod(data, 0o755);
  }

  const expectTarget = (path: string): void => {
    if (!isTargetPath(path, podsDirectory))
      throw new StoreError(`the target path is not below ${podsDirectory}`);
  };

  return {
    open: () =>
      attempt(async () => {
        orThrow(await openTmpfs({ volumes, readOnlyView, podsDirectory, mounts, fs }));
        return Promise.all((await fs.readdir(volumes)).map(read));
      }),

    save: (state) =>
      about(state.volumeID, async () => {
        const places = placesOf(state.volumeID);
        await fs.mkdir(places.home, { mode: 0o700 }).catch(unless('EEXIST'));
        await fs.writeFile(`${places.state}.new`, encodeVolumeState(state), { mode: 0o600 });
        await fs.rename(`${places.state}.new`, places.state);
      }),

    write: (volumeID, files, access) =>
      about(volumeID, async () => {
        const { data } = placesOf(volumeID);
        await makeData(data);
        await replaceFiles(fs, data, files, access);
      }),

    async token(volumeID) {
      if (!isVolumeID(volumeID)) return undefined;
      try {
        return new Secret(await fs.readFile(`${placesOf(volumeID).data}/token`, 'utf8'));
      } catch {
        return undefined;
      }
    },

    clear: (volumeID) =>
      about(volumeID, async () => {
        await removeFiles(fs, placesOf(volumeID).data).catch(unless('ENOENT'));
      }),

    mount: (volumeID, targetPath) =>
      about(volumeID, async () => {
        expectTarget(targetPath);
        const { data, root } = placesOf(volumeID);
        const look = async () => {
          const table = await mounts.table();
          const shown = mountedAt(table, targetPath);
          const device = mountedAt(table, volumes)?.device;
          const isRight = shown?.device === device && shown?.root === root && shown.options.has('ro');
          return { shown, isRight };
        };
        const before = await look();
        if (before.isRight) return;
        await makeData(data);
        await fs.mkdir(targetPath, { mode: 0o750 }).catch(unless('EEXIST'));
        // What lies there is not what the pod is to see: a bind that did not come to its end, or files of a file system that is gone.
        if (before.shown) orThrow(await unmountAll(targetPath, mounts));
        orThrow(await mounts.bind(`${readOnlyView}${root}`, targetPath));
        if ((await look()).isRight) return;
        orThrow(await unmountAll(targetPath, mounts));
        throw new StoreError(`${targetPath} is not what was mounted there`);
      }),

    remove: (volumeID, targetPath) =>
      about(volumeID, async () => {
        if (targetPath !== undefined) {
          expectTarget(targetPath);
          await removeTarget(targetPath);
        }
        for (const { mountPoint } of await mountsOf(volumeID)) await removeTarget(mountPoint);
        const { home, state, data } = placesOf(volumeID);
        // The state goes last, so that whoever comes after a crash finds what is left to remove.
        await removeFiles(fs, data).catch(unless('ENOENT'));
        await fs.rm(data, { recursive: true, force: true });
        await fs.rm(`${state}.new`, { force: true });
        await fs.rm(state, { force: true });
        await fs.rmdir(home).catch(unless('ENOENT'));
      }),
  };
}
