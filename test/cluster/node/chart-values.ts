import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { valuesForOurNodes } from '../../chart/values.ts';
import { openApi } from '../api.ts';
import type { ControlPlane } from '../control-plane.ts';

export const chartValuesFile = (dir: string): string => join(dir, 'chart-values.yaml');

/** The kubelet's address, at which pods with the network of the node listen. */
export async function addressOfNode({ adminKubeconfig }: ControlPlane, name: string): Promise<string> {
  const api = openApi(adminKubeconfig);
  const { body } = await api.send('GET', `/api/v1/nodes/${name}`);
  await api.close();
  const { addresses } = body.status as { addresses: { type: string; address: string }[] };
  return addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/** What Helm has to be told to install the chart here, for who does so by hand; YAML has room for JSON. */
export async function writeChartValues(cluster: ControlPlane): Promise<void> {
  const [first = ''] = cluster.nodes;
  const values = {
    ...valuesForOurNodes(cluster),
    // Probes are answered at a port of the node: there is room for one.
    controller: { replicas: Math.min(2, cluster.nodes.length) },
    issuer: {
      url: `https://${await addressOfNode(cluster, first)}:8443`,
      nodeSelector: { 'kubernetes.io/hostname': first },
    },
  };
  writeFileSync(chartValuesFile(cluster.dir), `${JSON.stringify(values, undefined, 2)}\n`);
}
