import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../provision/progress.ts';
import { pack } from './grantor-image.ts';
import type { ClusterNode } from './node.ts';
import { ensureNodePrograms } from './programs.ts';

/** What pods of the docs run. No node of ours can pull it. */
export const busyboxImage = 'busybox:1.37';

const commands = ['sh', 'cat', 'ls', 'sleep'];

/** Gives nodes an image of that name: a few programs of this machine, with their libraries. */
export async function provideBusybox(
  nodes: readonly ClusterNode[],
  dir: string,
  report: Report,
): Promise<void> {
  const { ctr } = await ensureNodePrograms(report);
  const archive = packBusybox(join(dir, 'busybox.tar'));
  for (const node of nodes) await node.run([ctr, '--namespace', 'k8s.io', 'images', 'import', archive]);
  rmSync(archive);
}

function packBusybox(archive: string): string {
  const programs = commands.map((name) => ({ path: `bin/${name}`, from: `/bin/${name}` }));
  const libraries = programs.flatMap(({ from }) =>
    Array.from(execFileSync('ldd', [from], { encoding: 'utf8' }).matchAll(/\/\S+/g), ([library]) => ({
      path: library.slice(1),
      from: library,
    })),
  );
  const files = new Map([...programs, ...libraries].map(({ path, from }) => [path, from]));
  const entries = [...files].map(([path, from]) => ({
    path,
    mode: 0o755,
    content: readFileSync(realpathSync(from)),
  }));
  const config = { Entrypoint: ['/bin/sh'], Env: ['PATH=/bin'] };
  return pack(`docker.io/library/${busyboxImage}`, [{ name: 'busybox', entries }], config, archive);
}
