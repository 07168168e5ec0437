import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { ensureBinaries } from '../cluster/binaries.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { type Kubectl, kubectlOf } from '../cluster/kubectl.ts';
import { type ChartIssuer, issuerInCluster, issuerOnThisMachine } from './chart-issuer.ts';
import { type Helm, helmOf } from './helm.ts';
import { type Values, valuesForOurNodes } from './values.ts';

/** Where the chart is installed: a cluster of ours, or whosever `GRANTOR_TEST_KUBECONFIG` is. */
export interface ClusterUnderTest {
  readonly kubectl: Kubectl;
  readonly helm: Helm;
  /** The file of a user that may do everything. */
  readonly kubeconfig: string;
  /** Names of the nodes that take pods. */
  readonly nodes: readonly string[];
  /** What Helm is told in any case. */
  readonly values: Values;
  startIssuer(): Promise<ChartIssuer>;
}

/** Whether there is one in this run. */
export const canInstall = (): boolean => inject('cluster').kubeconfig !== '';

export async function ourCluster(controlPlane: ControlPlane, dir: string): Promise<ClusterUnderTest> {
  const kubectl = kubectlOf(controlPlane);
  return {
    kubectl,
    helm: await helmOf(controlPlane),
    kubeconfig: controlPlane.adminKubeconfig,
    nodes: controlPlane.nodes,
    values: valuesForOurNodes(controlPlane),
    startIssuer: () => issuerOnThisMachine(kubectl, controlPlane.adminKubeconfig, dir),
  };
}

/** One with a network for pods, Services and names; it has the image of these tests, or `GRANTOR_TEST_VALUES`, a file of values, says which. */
export async function foreignCluster(dir: string): Promise<ClusterUnderTest> {
  const { kubectl: program } = await ensureBinaries(() => {});
  const own = join(dir, 'cluster');
  mkdirSync(own, { recursive: true });
  const access = { kubectl: program, adminKubeconfig: inject('cluster').kubeconfig, dir: own };
  const kubectl = kubectlOf(access);
  const helm = await helmOf(access);
  const file = process.env['GRANTOR_TEST_VALUES'];
  const values = file === undefined ? {} : (parse(readFileSync(file, 'utf8')) as Values);
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '--output=json'])) as { items: SeenNode[] };
  return {
    kubectl,
    helm,
    kubeconfig: access.adminKubeconfig,
    nodes: items
      .filter(takesPods)
      .map(({ metadata }) => metadata.name)
      .sort(),
    values,
    startIssuer: () => issuerInCluster(kubectl, helm, values),
  };
}

interface SeenNode {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly { readonly effect: string }[] };
}
const takesPods = ({ spec: { taints = [] } }: SeenNode): boolean =>
  !taints.some(({ effect }) => effect === 'NoSchedule');
