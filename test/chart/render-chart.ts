import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Its folder. */
export const chart = join(import.meta.dirname, '../../charts/grantor');

export interface Rendering {
  /** What is different from values.yaml. */
  readonly values?: object;
  /** The Kubernetes that it is for; default: the newest that Helm knows. */
  readonly kubernetes?: string;
  readonly namespace?: string;
}

/** What `helm template` makes of the chart. Throws what Helm has to say when it refuses. */
export function renderChart(
  helm: string,
  { values = {}, kubernetes, namespace = 'grantor-system' }: Rendering = {},
): string {
  const version = kubernetes === undefined ? [] : [`--kube-version=${kubernetes}`];
  const { status, stdout, stderr } = spawnSync(
    helm,
    ['template', 'grantor', chart, `--namespace=${namespace}`, '--values=-', ...version],
    { input: JSON.stringify(values), encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(stderr.trim());
  return stdout;
}
