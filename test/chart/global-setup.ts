import type { TestProject } from 'vitest/node';
import { provideCluster } from '../cluster/global-setup.ts';
import { runWithNodes } from '../cluster/node/run-with-nodes.ts';
import { acquireCluster } from '../cluster/target.ts';
import { ensureGoTool } from '../provision/go-tool.ts';
import { helm } from '../tools/helm/helm.ts';

const withNodesOfOurs = runWithNodes({
  name: 'chart',
  count: 2,
  obstacle: (report) =>
    ensureGoTool(helm, report).then(
      () => undefined,
      (error: Error) => error.message,
    ),
});

/** One control plane with two nodes, for all that is installed with Helm; or the cluster of `GRANTOR_TEST_KUBECONFIG`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!process.env['GRANTOR_TEST_KUBECONFIG']) return withNodesOfOurs(project);
  const cluster = await acquireCluster({ dir: '', report: (line) => console.log(`[chart] ${line}`) });
  provideCluster(project, cluster);
  project.provide('node', null);
  return () => cluster.release();
}
