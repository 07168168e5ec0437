import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * The mount namespace of a node, for programs that come and go: what they mount stays, is shared as on a node, is seen by nobody else, and
 * goes with it. It takes root on Linux.
 */
export interface MountNamespace {
  /** Runs another program in it: words before the program's own. */
  readonly enter: readonly string[];
  /** A path in it, for who is outside. */
  seen(path: string): string;
  /** The mount table. */
  readonly mountInfo: string;
  close(): Promise<void>;
}

export async function openMountNamespace(): Promise<MountNamespace> {
  const script = 'mount --make-rshared / && echo ready && exec sleep infinity';
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (holder.exitCode !== null)
    throw new Error('no mount namespace can be made here: it takes root on Linux');
  return {
    enter: ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`],
    seen: (path) => `/proc/${holder.pid}/root${path}`,
    mountInfo: `/proc/${holder.pid}/mountinfo`,
    async close() {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    },
  };
}
