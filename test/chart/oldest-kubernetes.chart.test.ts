import { describe, expect, test } from 'vitest';
import { startControlPlane } from '../cluster/control-plane.ts';
import { oldestKubernetes } from '../cluster/kubernetes-module.ts';
import { startNodes } from '../cluster/node/start-nodes.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { describeInstall } from './describe-install.ts';
import { useChart } from './use-chart.ts';

const report = (): void => {};

describe.skipIf(testNode() === undefined)('with the oldest Kubernetes that is supported', () => {
  const on = useChart(async (dir) => {
    const controlPlane = await startControlPlane({ dir, report, release: 'oldest' });
    await startNodes(controlPlane, { count: 2, report });
    return controlPlane;
  });

  describeInstall('Grantor from its chart', on);

  test('kubelets hand tokens over in the older place, as they know no other', async () => {
    const versions = ['get', 'nodes', '--output=jsonpath={.items[*].status.nodeInfo.kubeletVersion}'];
    const [first, ...others] = (await on.kubectl(versions)).split(' ');
    expect([first, ...others]).toEqual(on.nodes.map(() => oldestKubernetes.version));
    const driver = await on.kubectl(['get', 'csidriver/csi.grantor.dev', '--output=json']);
    expect(driver).not.toContain('serviceAccountTokenInSecrets');
  });
});
