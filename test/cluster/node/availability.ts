import { spawnSync } from 'node:child_process';

/** Why this machine can have no node of its own, as what a person can do about it; undefined where it can. */
export function nodeObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'a node needs Linux';
  if (process.getuid?.() !== 0) return 'a node needs root, as it mounts and makes namespaces';
  for (const [program, args] of Object.entries(probes)) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (error !== undefined) return `a node needs ${program}: install util-linux and iproute2`;
    if (status !== 0) return `a node cannot be had here: ${stderr.trim()}`;
  }
  return undefined;
}

/** What is refused in a container without privileges. */
const probes = {
  ip: ['address', 'show', 'dev', 'lo'],
  nsenter: ['--version'],
  unshare: ['--mount', '--pid', '--uts', '--ipc', '--fork', 'mount', '-t', 'tmpfs', 'none', '/run'],
} as const satisfies Record<string, readonly string[]>;
