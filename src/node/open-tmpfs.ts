import type { FileSystem } from '../delivery/atomic-directory.ts';
import { err, ok, type Result } from '../std/result.ts';
import { mountedAt, mountOf } from './mount-table.ts';
import type { Mounts } from './mounts.ts';

/**
 * Five hundred volumes with tokens of 16 KiB need half of this while all are being replaced; inodes likewise. A pod cannot write into
 * it, so that these bounds are for us.
 */
const bounds = ['size=64m', 'nr_inodes=32768', 'mode=0700'];
const flags = ['nosuid', 'nodev', 'noexec'];

export interface TmpfsPlaces {
  readonly volumes: string;
  readonly readOnlyView: string;
  readonly podsDirectory: string;
  readonly mounts: Mounts;
  readonly fs: FileSystem;
}

/** Sees to it that the file system is there, with a read-only view of it; what an earlier process has made stays as it is. */
export async function openTmpfs(places: TmpfsPlaces): Promise<Result<void, string>> {
  const { volumes, readOnlyView, podsDirectory, mounts, fs } = places;
  const before = await mounts.table();
  // Pods would be shown empty folders, and a restart would lose what is there.
  for (const [what, path] of [
    ["the kubelet's folder of pods", podsDirectory],
    ['the folder of the plug-in', volumes],
  ] as const)
    if (!mountOf(before, path)?.shared)
      return err(
        `mounts below ${path} are not seen by the node: ${what} needs mountPropagation Bidirectional`,
      );

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
  while (mountedAt(await mounts.table(), readOnlyView) !== undefined) {
    const unmounted = await mounts.unmount(readOnlyView);
    if (!unmounted.ok) return unmounted;
  }
  const bound = await mounts.bind(volumes, readOnlyView);
  return bound.ok ? mounts.remount(readOnlyView, ['ro', ...flags]) : bound;
}
