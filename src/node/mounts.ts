import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sleep, systemClock } from '../std/clock.ts';
import { milliseconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type MountEntry, parseMountTable } from './mount-table.ts';

/** What is mounted, and changes to that. A failure is one line for a log. */
export interface Mounts {
  table(): Promise<readonly MountEntry[]>;
  tmpfs(mountPoint: string, options: readonly string[]): Promise<Result<void, string>>;
  /** Shows a folder at another place too, with the flags of the mount that it is taken from. */
  bind(folder: string, mountPoint: string): Promise<Result<void, string>>;
  /** Changes the flags of one mount. They hold in the mount namespace of this process only. */
  remount(mountPoint: string, options: readonly string[]): Promise<Result<void, string>>;
  unmount(mountPoint: string): Promise<Result<void, string>>;
}

let nextTable: Promise<readonly MountEntry[]> | undefined;

/** One reading for all who ask before it begins: where a hundred pods start at once, the table is long, and each looks at it twice. */
async function readTable(): Promise<readonly MountEntry[]> {
  await sleep(systemClock, milliseconds(1));
  // Whoever asks from now on has to see what was mounted meanwhile.
  nextTable = undefined;
  // The kernel's memory, not a disk: nothing that a thread would have to wait for.
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The machine's: mount(8) and umount(8) do it, because Node.js has no such calls. */
export const systemMounts: Mounts = {
  table: () => (nextTable ??= readTable()),
  tmpfs: (mountPoint, options) =>
    run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'grantor', mountPoint]),
  bind: (folder, mountPoint) => run('mount', ['-o', 'bind', folder, mountPoint]),
  remount: (mountPoint, options) =>
    run('mount', ['-o', ['remount', 'bind', ...options].join(','), mountPoint]),
  unmount: (mountPoint) => run('umount', [mountPoint]),
};

const limits = { timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 } as const;
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

const run = (program: 'mount' | 'umount', args: readonly string[]): Promise<Result<void, string>> =>
  new Promise((resolve) => {
    execFile(program, args, { ...limits, env: environment }, (error, _, stderr) => {
      if (error === null) return resolve(ok(undefined));
      const [said = ''] = stderr.split('\n');
      resolve(
        err(
          `${program} ${args.at(-1)}: ${said || (error.killed ? 'took too long' : error.message)}`.slice(
            0,
            512,
          ),
        ),
      );
    });
  });
