import { memoryFiles } from '../delivery/memory-files.ts';
import { isDNSLabel } from '../std/dns-label.ts';
import { err, ok } from '../std/result.ts';
import { systemMounts } from './mounts.ts';
import { closeTmpfs, expectPropagation } from './open-tmpfs.ts';
import { attempt, orThrow, StoreError } from './store-error.ts';
import { createTmpfsStore, type StoreOptions } from './tmpfs-store.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

/** A memory file system, while there are volumes of its namespace. */
interface Part {
  readonly store: VolumeStore;
  readonly opened: ReturnType<VolumeStore['open']>;
  /** Ids of those that are there, or about to be. */
  readonly volumes: Set<string>;
}

/**
 * A memory file system for each namespace that has volumes, below `volumes/<namespace>`. Bounds of one for all would be no bounds for anybody:
 * a file that a pod holds open takes its room also when it was replaced long ago, so that any pod can fill the file system that it reads
 * from. Here it fills that of its own namespace.
 */
export function createNamespacedStore(options: StoreOptions): VolumeStore {
  const { directory, podsDirectory, mounts = systemMounts, fs = memoryFiles } = options;
  const folder = `${directory}/volumes`;
  const parts = new Map<string, Part>();
  /** Those that are being taken away: until that is done, nobody makes them anew. */
  const leaving = new Map<string, Promise<unknown>>();
  /** The namespace of each volume. */
  const namespaces = new Map<string, string>();
  /** Answers for what is nowhere. */
  const nowhere = createTmpfsStore(options, '-');

  const storeOf = (volumeID: string): VolumeStore => {
    const namespace = namespaces.get(volumeID);
    return (namespace === undefined ? undefined : parts.get(namespace)?.store) ?? nowhere;
  };

  function makePart(namespace: string): Part {
    const store = createTmpfsStore(options, namespace);
    const part = { store, opened: store.open(), volumes: new Set<string>() };
    parts.set(namespace, part);
    return part;
  }

  /** Has a volume in the part of its namespace, which is made when it is the first there. */
  async function enter(namespace: string, volumeID: string): ReturnType<VolumeStore['open']> {
    while (leaving.has(namespace)) await leaving.get(namespace);
    const part = parts.get(namespace) ?? makePart(namespace);
    part.volumes.add(volumeID);
    namespaces.set(volumeID, namespace);
    const opened = await part.opened;
    // The next one tries again.
    if (!opened.ok && parts.get(namespace) === part) parts.delete(namespace);
    return opened;
  }

  /** Forgets a volume that is no more, and takes away the part that it was the last one in. */
  async function leave(volumeID: string): Promise<void> {
    const namespace = namespaces.get(volumeID) ?? '';
    namespaces.delete(volumeID);
    const part = parts.get(namespace);
    if (part === undefined || !part.volumes.delete(volumeID)) return;
    await closeIfEmpty(namespace, part);
  }

  async function closeIfEmpty(namespace: string, { volumes }: Part): Promise<void> {
    if (volumes.size > 0) return;
    parts.delete(namespace);
    const places = {
      volumes: `${folder}/${namespace}`,
      readOnlyView: `${directory}/volumes-ro/${namespace}`,
    };
    // What stays is used again, or taken away when the store is opened next.
    const closed = closeTmpfs({ ...places, mounts, fs }).catch(() => undefined);
    leaving.set(namespace, closed);
    await closed;
    leaving.delete(namespace);
  }

  return {
    open: () =>
      attempt(async () => {
        orThrow(expectPropagation(await mounts.table(), { volumes: folder, podsDirectory }));
        await fs.mkdir(folder, { recursive: true, mode: 0o700 });
        const found: StoredVolume[] = [];
        for (const namespace of (await fs.readdir(folder)).filter(isDNSLabel)) {
          const part = makePart(namespace);
          const opened = await part.opened;
          if (!opened.ok) throw new StoreError(opened.error.detail);
          for (const { volumeID } of opened.value) {
            part.volumes.add(volumeID);
            namespaces.set(volumeID, namespace);
          }
          found.push(...opened.value);
          await closeIfEmpty(namespace, part);
        }
        return found;
      }),

    async save(state) {
      const { volumeID, pod } = state;
      const isNew = !namespaces.has(volumeID);
      const namespace = namespaces.get(volumeID) ?? pod.namespace;
      if (!isDNSLabel(namespace)) return err({ detail: 'this is no name of a namespace' });
      const entered = await enter(namespace, volumeID);
      const saved = entered.ok ? await storeOf(volumeID).save(state) : entered;
      if (!saved.ok && isNew) await leave(volumeID);
      return saved.ok ? ok(undefined) : saved;
    },

    write: (volumeID, files, access) => storeOf(volumeID).write(volumeID, files, access),
    token: (volumeID) => storeOf(volumeID).token(volumeID),
    clear: (volumeID) => storeOf(volumeID).clear(volumeID),
    mount: (volumeID, targetPath) => storeOf(volumeID).mount(volumeID, targetPath),

    async remove(volumeID, targetPath) {
      const removed = await storeOf(volumeID).remove(volumeID, targetPath);
      if (removed.ok) await leave(volumeID);
      return removed;
    },
  };
}
