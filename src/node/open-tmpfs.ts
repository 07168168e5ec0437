import type { FileSystem } from '../delivery/atomic-directory.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type MountEntry, mountedAt, mountOf } from './mount-table.ts';
import type { Mounts } from './mounts.ts';

/** Three hundred volumes with tokens of 4 KiB need half of this while all are being replaced; inodes likewise. */
const bounds = ['size=16m', 'nr_inodes=8192', 'mode=0700'];
const flags = ['nosuid', 'nodev', 'noexec'];

export interface TmpfsPlaces {
  readonly volumes: string;
  readonly readOnlyView: string;
  readonly podsDirectory: string;
  readonly mounts: Mounts;
  readonly fs: FileSystem;
}

/** Whether what is mounted below these two is seen by the node: pods would be shown empty folders, and a restart would lose what is there. */
export function expectPropagation(
  table: readonly MountEntry[],
  { volumes, podsDirectory }: Pick<TmpfsPlaces, 'volumes' | 'podsDirectory'>,
): Result<void, string> {
  for (const [what, path] of [
    ["the kubelet's folder of pods", podsDirectory],
    ['the folder of the plug-in', volumes],
  ] as const)
    if (!mountOf(table, path)?.shared)
      return err(
        `mounts below ${path} are not seen by the node: ${what} needs mountPropagation Bidirectional`,
      );
  return ok(undefined);
}

/** Sees to it that the file system is there, with a read-only view of it; what an earlier process has made stays as it is. */
export async function openTmpfs(places: TmpfsPlaces): Promise<Result<void, string>> {
  const { volumes, readOnlyView, mounts, fs } = places;
  const before = await mounts.table();
  const seen = expectPropagation(before, places);
  if (!seen.ok) return seen;

  await fs.mkdir(volumes, { recursive: true, mode: 0o700 });
  if (mountedAt(before, volumes)?.type !== 'tmpfs') {
    // Kernels before 6.4 do not know `noswap`.
    const noswap = await mounts.tmpfs(volumes, [...bounds, ...flags, 'noswap']);
    const mounted = noswap.ok ? noswap : await mounts.tmpfs(volumes, [...bounds, ...flags]);
    if (!mounted.ok) return mounted;
  }

  const table = await mounts.table();
  const device = mountedAt(table, volumes)?.device;
  const view = mountedAt(table, readOnlyView);
  if (view?.device === device && view?.root === '/' && view.options.has('ro')) return ok(undefined);
  await fs.mkdir(readOnlyView, { recursive: true, mode: 0o700 });
  const unmounted = await unmountAll(readOnlyView, mounts);
  if (!unmounted.ok) return unmounted;
  const bound = await mounts.bind(volumes, readOnlyView);
  return bound.ok ? mounts.remount(readOnlyView, ['ro', ...flags]) : bound;
}

/** Takes an empty one away. */
export async function closeTmpfs({
  volumes,
  readOnlyView,
  mounts,
  fs,
}: Omit<TmpfsPlaces, 'podsDirectory'>): Promise<Result<void, string>> {
  if ((await fs.readdir(volumes)).length > 0) return err(`${volumes} is not empty`);
  for (const path of [readOnlyView, volumes]) {
    const unmounted = await unmountAll(path, mounts);
    if (!unmounted.ok) return unmounted;
    await fs.rmdir(path);
  }
  return ok(undefined);
}

/** Unmounts everything at a path; each round takes one mount off. */
export async function unmountAll(path: string, mounts: Mounts): Promise<Result<void, string>> {
  while (mountedAt(await mounts.table(), path) !== undefined) {
    const unmounted = await mounts.unmount(path);
    if (!unmounted.ok) return unmounted;
  }
  return ok(undefined);
}
