import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readManifests } from '../test/stage/manifests.ts';

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

/** The same bundle as the DaemonSet of deploy/node.yaml runs it. */
export function asOnNode(shipped: Shipped): Shipped {
  const daemonSet = readManifests(join(root, 'deploy/node.yaml')).find(({ kind }) => kind === 'DaemonSet');
  const { command, env } = podSchema.parse(daemonSet).spec.template.spec.containers[0];
  return {
    entry: shipped.entry,
    nodeArgs: command.filter((word) => word.startsWith('--')),
    env: Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  };
}

const podSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            command: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
          }),
        ]),
      }),
    }),
  }),
});

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
