import { isTargetPath, isVolumeID } from '../../src/node/volume-paths.ts';
import type { StoredVolume, StoreFailure, VolumeState, VolumeStore } from '../../src/node/volume-store.ts';
import type { FileAccess } from '../../src/node/volumes.ts';
import { err, ok, type Result } from '../../src/std/result.ts';
import { Secret } from '../../src/std/secret.ts';

/** What there is of one volume. */
export interface FakeVolume {
  /** A text is a state that nobody can read. */
  readonly state: VolumeState | string;
  readonly files: Readonly<Record<string, string>>;
  readonly access?: FileAccess;
  readonly targets: ReadonlySet<string>;
}

/**
 * The store in memory; it passes test/contract/volume-store.ts. What is in it outlives the plug-in: another one is given the same
 * `volumes`. `failing` makes calls fail, by their name.
 */
export class FakeVolumeStore implements VolumeStore {
  readonly volumes: Map<string, FakeVolume>;
  readonly failing = new Map<Exclude<keyof VolumeStore, 'open' | 'token'>, string>();
  /** Calls so far, by name and volume. */
  readonly calls: string[] = [];
  readonly #podsDirectory: string;

  constructor(volumes = new Map<string, FakeVolume>(), podsDirectory = '/var/lib/kubelet/pods') {
    this.volumes = volumes;
    this.#podsDirectory = podsDirectory;
  }

  /** What a pod sees where it was told to look; undefined where nothing is mounted. */
  seenAt(targetPath: string): FakeVolume | undefined {
    return [...this.volumes.values()].find(({ targets }) => targets.has(targetPath));
  }

  open(): Promise<Result<readonly StoredVolume[], StoreFailure>> {
    this.calls.push('open');
    const stored = [...this.volumes].map(([volumeID, { state }]) =>
      typeof state === 'string' ? { volumeID, problem: state } : { volumeID, state },
    );
    return Promise.resolve(ok(stored));
  }

  save(state: VolumeState): Promise<Result<void, StoreFailure>> {
    return this.#change('save', state.volumeID, (before) => ({
      files: {},
      targets: new Set<string>(),
      ...before,
      state,
    }));
  }

  write(volumeID: string, files: Readonly<Record<string, string>>, access: FileAccess) {
    return this.#change('write', volumeID, (before) => before && { ...before, files, access });
  }

  token(volumeID: string): Promise<Secret | undefined> {
    this.calls.push(`token ${volumeID}`);
    const token = this.volumes.get(volumeID)?.files['token'];
    return Promise.resolve(token === undefined ? undefined : new Secret(token));
  }

  clear(volumeID: string): Promise<Result<void, StoreFailure>> {
    if (!this.volumes.has(volumeID) && isVolumeID(volumeID)) return Promise.resolve(ok(undefined));
    return this.#change('clear', volumeID, (before) => before && { ...before, files: {} });
  }

  mount(volumeID: string, targetPath: string): Promise<Result<void, StoreFailure>> {
    if (!isTargetPath(targetPath, this.#podsDirectory))
      return Promise.resolve(err({ detail: 'target path' }));
    return this.#change('mount', volumeID, (before) => {
      if (before) this.#unmount(targetPath);
      return before && { ...before, targets: new Set([...before.targets, targetPath]) };
    });
  }

  remove(volumeID: string, targetPath: string | undefined): Promise<Result<void, StoreFailure>> {
    this.calls.push(`remove ${volumeID}`);
    const detail = this.failing.get('remove');
    if (detail !== undefined) return Promise.resolve(err({ detail }));
    if (!isVolumeID(volumeID)) return Promise.resolve(err({ detail: 'volume id' }));
    if (targetPath !== undefined) {
      if (!isTargetPath(targetPath, this.#podsDirectory))
        return Promise.resolve(err({ detail: 'target path' }));
      this.#unmount(targetPath);
    }
    this.volumes.delete(volumeID);
    return Promise.resolve(ok(undefined));
  }

  #unmount(targetPath: string): void {
    for (const [id, volume] of this.volumes)
      this.volumes.set(id, {
        ...volume,
        targets: new Set([...volume.targets].filter((target) => target !== targetPath)),
      });
  }

  #change(
    call: Exclude<keyof VolumeStore, 'open' | 'token'>,
    volumeID: string,
    change: (before: FakeVolume | undefined) => FakeVolume | undefined,
  ): Promise<Result<void, StoreFailure>> {
    this.calls.push(`${call} ${volumeID}`);
    const detail = this.failing.get(call);
    if (detail !== undefined) return Promise.resolve(err({ detail }));
    const after = isVolumeID(volumeID) ? change(this.volumes.get(volumeID)) : undefined;
    if (after === undefined) return Promise.resolve(err({ detail: `there is no volume ${volumeID}` }));
    this.volumes.set(volumeID, after);
    return Promise.resolve(ok(undefined));
  }
}
