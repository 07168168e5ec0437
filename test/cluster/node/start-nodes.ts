import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../../../src/std/clock.ts';
import { milliseconds, seconds } from '../../../src/std/duration.ts';
import { type Report, withProgress } from '../../provision/progress.ts';
import { type Api, openApi } from '../api.ts';
import { writePrivately } from '../certificates.ts';
import { addProcesses, expectNodes } from '../cluster-state.ts';
import type { ControlPlane } from '../control-plane.ts';
import { freePorts } from '../free-ports.ts';
import { issueFrom, pkiIn } from '../pki.ts';
import { type Lifetime, type ServerProcess, startServer, tailOf } from '../server-process.ts';
import { letApiServerUseKubelets, startControllers } from './controllers.ts';
import { type NodeIdentity, writeNodeFiles } from './files.ts';
import { packGrantor, packPause } from './grantor-image.ts';
import { type ClusterNode, nodeDirectory, openNode } from './node.ts';
import { ensureNodePrograms, type NodePrograms } from './programs.ts';

export interface NodesOptions {
  readonly count: number;
  readonly report: Report;
  /** By default they end with this process, however that ends. */
  readonly lifetime?: Lifetime;
}

const readyWithin = seconds(60);

/** Adds nodes to a control plane, and all that pods need to run on them, images of Grantor included. Returns once they are ready. */
export async function startNodes(
  controlPlane: ControlPlane,
  { count, report, lifetime = 'parent' }: NodesOptions,
): Promise<ClusterNode[]> {
  const { dir } = controlPlane;
  const programs = await ensureNodePrograms(report, controlPlane.release);
  const start = systemClock.now();
  const names = Array.from({ length: count }, (_, index) => `node${index + 1}`);
  expectNodes(dir, names);
  const api = openApi(controlPlane.adminKubeconfig);
  try {
    await letApiServerUseKubelets(api);
    const servers = await startControllers(controlPlane, programs, lifetime);
    const images = packImages(dir, programs, report);
    for (const name of names) servers.push(await startNode(controlPlane, name, programs, lifetime));
    const archives = await images;
    await withProgress(
      (elapsed) => report(`waiting for ${names.join(', ')} since ${elapsed}`),
      async () => {
        await until(servers, 'containerd', () =>
          names.every((name) => existsSync(join(nodeDirectory(dir, name), 'pid'))),
        );
        const nodes = names.map((name) => openNode(dir, name));
        await Promise.all(nodes.map((node) => importImages(node, programs, archives)));
        for (const archive of archives) rmSync(archive);
        await until(servers, 'the kubelet', () => isReady(api, names));
      },
      seconds(5),
    );
  } finally {
    await api.close();
  }
  report(`${names.join(', ')} ready after ${((systemClock.now() - start) / 1000).toFixed(1)} s`);
  return names.map((name) => openNode(dir, name));
}

/** At the same time as the nodes start. */
const packImages = async (dir: string, { pause }: NodePrograms, report: Report): Promise<string[]> => [
  packPause(join(dir, 'nodes'), pause),
  await packGrantor(join(dir, 'nodes'), report),
];

async function importImages(node: ClusterNode, { ctr }: NodePrograms, archives: readonly string[]) {
  for (const archive of archives) await node.run([ctr, '--namespace', 'k8s.io', 'images', 'import', archive]);
}

async function startNode(
  controlPlane: ControlPlane,
  name: string,
  programs: NodePrograms,
  lifetime: Lifetime,
): Promise<ServerProcess> {
  const { dir } = controlPlane;
  const directory = nodeDirectory(dir, name);
  mkdirSync(directory, { recursive: true });
  const [port = 0] = await freePorts(1);
  const address = freeAddress();
  const node: NodeIdentity = { name, address, port, cgroup: `grantor-node-${address}` };
  const user = `system:node:${name}`;
  const serving = await issueFrom(dir, {
    commonName: user,
    organizations: ['system:nodes'],
    hosts: [name, address],
  });
  const pkiFile = (suffix: string): string => join(dir, 'pki', `${name}.${suffix}`);
  const tls = {
    caFile: pkiIn(dir).caFile,
    certFile: writePrivately(pkiFile('crt'), serving.certificate),
    keyFile: writePrivately(pkiFile('key'), serving.privateKey),
  };
  writeNodeFiles(directory, { node, tls, runtime: programs.runtime });
  const kubeconfig = await controlPlane.kubeconfigFor(user, ['system:nodes']);
  const keep = join(import.meta.dirname, 'keep.sh');
  const server = startServer(
    name,
    ['/bin/sh', keep, directory, kubeconfig, name, address, node.cgroup, programs.folders.join(':')],
    join(directory, 'node.log'),
    lifetime,
    // Nothing of ours: proxies and kubeconfigs are settings of both programs.
    { env: { PATH: process.env['PATH'] }, endsOn: 'SIGTERM' },
  );
  addProcesses(dir, [server.record]);
  return server;
}

/** One of a private range that the machine has not. */
function freeAddress(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address)),
  );
  for (;;) {
    const address = `172.31.${randomInt(256)}.${randomInt(1, 255)}`;
    if (!taken.has(address)) return address;
  }
}

/** Waits, and throws with the end of a log where something ended instead. */
async function until(
  servers: readonly ServerProcess[],
  whose: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const giveUpAt = systemClock.now() + readyWithin;
  while (!(await condition())) {
    const dead = servers.find((server) => server.hasExited());
    if (dead !== undefined) throw new Error(`${dead.record.name} ended at once:\n${lastWords(dead)}`);
    if (systemClock.now() > giveUpAt) {
      throw new Error(`${whose} is not ready in time:\n${servers.map(lastWords).join('\n')}`);
    }
    await sleep(systemClock, milliseconds(50));
  }
}

/** Of a server; of a node also of the programs in it. */
function lastWords({ logFile }: ServerProcess): string {
  const inside = ['containerd.log', 'kubelet.log'].map((name) => join(logFile, '..', name));
  return [logFile, ...inside.filter((file) => existsSync(file) && readFileSync(file).length > 0)]
    .map((file) => `${file}:\n${tailOf(file)}`)
    .join('\n');
}

/** Nodes take pods, and pods find what the controllers put into each namespace for them. */
async function isReady(api: Api, names: readonly string[]): Promise<boolean> {
  const paths = ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'];
  for (const path of paths) {
    const { status } = await api.send('GET', `/api/v1/namespaces/default/${path}`);
    if (status !== 200) return false;
  }
  const ready = await Promise.all(names.map((name) => isNodeReady(api, name)));
  return ready.every(Boolean);
}

async function isNodeReady(api: Api, name: string): Promise<boolean> {
  const { status, body } = await api.send('GET', `/api/v1/nodes/${name}`);
  if (status !== 200) return false;
  const { conditions = [] } = (body as { status: { conditions?: { type: string; status: string }[] } })
    .status;
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}
