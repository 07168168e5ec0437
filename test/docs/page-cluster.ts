import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, openApi } from '../cluster/api.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { grantorImage } from '../cluster/node/grantor-image.ts';
import type { ClusterNode } from '../cluster/node/node.ts';
import { ensureNodePrograms } from '../cluster/node/programs.ts';
import { startNodes } from '../cluster/node/start-nodes.ts';
import { ensureGoTool } from '../provision/go-tool.ts';
import type { Report } from '../provision/progress.ts';
import { helm } from '../tools/helm/helm.ts';
import { packBusybox } from './busybox-image.ts';

/** What somebody has who follows a page. */
export interface PageCluster {
  readonly controlPlane: ControlPlane;
  /** A folder for the PATH, with kubectl and, where there are nodes, Helm. */
  readonly programs: string;
}

/** A control plane, and with nodes what a page takes for granted: Helm, an image that pods can run, and the name of the embedded issuer. */
export async function startPageCluster(dir: string, nodes: number, report: Report): Promise<PageCluster> {
  const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report });
  const programs = join(dir, 'programs');
  mkdirSync(programs);
  symlinkSync(controlPlane.kubectl, join(programs, 'kubectl'));
  if (nodes > 0) {
    const started = await startNodes(controlPlane, { count: nodes, report });
    await provideBusybox(started, dir, report);
    await nameIssuer(controlPlane);
    await provideHelm(controlPlane, programs, report);
  }
  return { controlPlane, programs };
}

async function provideBusybox(nodes: readonly ClusterNode[], dir: string, report: Report): Promise<void> {
  const { ctr } = await ensureNodePrograms(report);
  const archive = packBusybox(join(dir, 'busybox.tar'));
  for (const node of nodes) await node.run([ctr, '--namespace', 'k8s.io', 'images', 'import', archive]);
  rmSync(archive);
}

/** There is no DNS on our nodes. The hosts file is that of the page's own mount namespace. */
async function nameIssuer({ adminKubeconfig }: ControlPlane): Promise<void> {
  const api = openApi(adminKubeconfig);
  const address = await addressOfNode(api);
  await api.close();
  appendFileSync('/etc/hosts', `\n${address} grantor-issuer.grantor-system.svc\n`);
}

/** The issuer could be on any of them: it is sent to the first. */
async function addressOfNode(api: Api): Promise<string> {
  const { body } = await api.send('GET', '/api/v1/nodes/node1');
  const { addresses } = body.status as { addresses: { type: string; address: string }[] };
  return addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
}

/** Helm with what a person sets whose nodes are like ours: no registry, no network of pods, no Services. */
async function provideHelm({ server }: ControlPlane, programs: string, report: Report): Promise<void> {
  const program = await ensureGoTool(helm, report);
  const [repository, tag] = grantorImage.split(':');
  const { hostname, port } = new URL(server);
  const values = {
    image: { repository, tag },
    hostNetwork: true,
    kubernetesAPI: { host: hostname, port: Number(port) },
    issuer: { port: 443, nodeSelector: { 'kubernetes.io/hostname': 'node1' } },
  };
  const file = join(programs, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const script = `#!/bin/sh
case "$1" in
install | upgrade) exec '${program}' "$@" --values '${file}' ;;
*) exec '${program}' "$@" ;;
esac
`;
  writeFileSync(join(programs, 'helm'), script);
  chmodSync(join(programs, 'helm'), 0o755);
}
