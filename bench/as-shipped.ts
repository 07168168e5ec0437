import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What Node runs, and its flags for it. */
export interface Shipped {
  readonly entry: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the bundle; it runs as the image runs it. */
export function buildAsShipped(): Shipped {
  const built = spawnSync(process.execPath, [join(root, 'tools/build.ts')], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  return { entry: join(root, 'dist/grantor.js'), ...fromDockerfile() };
}

/** The sources, run in the same way. */
export const sources = (): Shipped => ({ entry: join(root, 'src/cmd/grantor.ts'), ...fromDockerfile() });

function fromDockerfile(): Omit<Shipped, 'entry'> {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
  return {
    nodeArgs: (JSON.parse(entrypoint) as string[]).filter((word) => word.startsWith('--')),
    env: Object.fromEntries(
      [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]),
    ),
  };
}
