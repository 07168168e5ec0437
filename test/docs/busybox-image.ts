import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { pack } from '../cluster/node/grantor-image.ts';

const commands = ['sh', 'cat', 'ls', 'sleep'];

/** Pages run pods of `busybox`, which no node of ours can pull: programs of this machine, with their libraries, take its place. */
export function packBusybox(archive: string): string {
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
  return pack('docker.io/library/busybox:1.37', [{ name: 'busybox', entries }], config, archive);
}
