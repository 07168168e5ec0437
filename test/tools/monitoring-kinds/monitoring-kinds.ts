import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

const path = 'github.com/prometheus-operator/prometheus-operator';

/** The folder with the CustomResourceDefinitions of Prometheus Operator, out of its Go module; undefined where there is no Go. */
export function monitoringKinds(): string | undefined {
  const { status, stdout } = spawnSync('go', ['mod', 'download', '-json', path], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=readonly' },
  });
  if (status !== 0) return undefined;
  return join(z.object({ Dir: z.string() }).parse(JSON.parse(stdout)).Dir, 'example/prometheus-operator-crd');
}
