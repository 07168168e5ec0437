#!/usr/bin/env node
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ControlPlane } from './control-plane.ts';
import { openControlPlane } from './control-plane.ts';
import { busyboxImage, provideBusybox } from './node/busybox-image.ts';
import { chartValuesFile, writeChartValues } from './node/chart-values.ts';
import { grantorImage } from './node/grantor-image.ts';
import { openNode } from './node/node.ts';
import { clusterHealth, standUp, takeDown } from './standing-cluster.ts';

const usage = `usage: node test/cluster/cluster.ts <up|down|status> [--dir DIR] [--nodes N]

  up       starts etcd and kube-apiserver on free loopback ports; they run until "down"
  down     stops exactly the processes that "up" started, and removes their data and keys
  status   says whether they run, and how to use them; exit code 1 if they don't

  --dir DIR    where data, keys, logs and kubeconfigs go (default: .run/cluster)
  --nodes N    with so many real nodes, on which pods run (default: 0); as root on Linux
  -h, --help   this text

The programs come from KUBEBUILDER_ASSETS if set, else from the cache in GRANTOR_CACHE (default: ~/.cache/grantor),
which is filled once: by the official envtest download, or by building the pinned Go modules (6 to 7 minutes on 2 cores;
another 4 to 5 for what nodes are made of).`;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const { command, dir, nodes, help } = parse(args);
  if (help) {
    console.log(usage);
    return 0;
  }
  switch (command) {
    case 'up':
      console.log(instructions(await up(dir, nodes)));
      return 0;
    case 'down':
      console.log(
        (await takeDown(dir, console.log))
          ? 'the control plane is stopped'
          : 'no control plane runs there; nothing to stop',
      );
      return 0;
    case 'status':
      return status(dir);
    default:
      throw new UsageError(
        `${command === undefined ? 'a command is missing' : `"${command}" is no command`}: say up, down or status`,
      );
  }
}

/** With nodes also what it takes to follow the quickstart here. */
async function up(dir: string, nodes: number): Promise<ControlPlane> {
  const cluster = await standUp(dir, console.log, nodes);
  if (nodes === 0) return cluster;
  await provideBusybox(
    cluster.nodes.map((name) => openNode(dir, name)),
    dir,
    console.log,
  );
  await writeChartValues(cluster);
  return cluster;
}

async function status(dir: string): Promise<number> {
  const health = await clusterHealth(dir);
  const cluster = openControlPlane(dir);
  if (health === 'up' && cluster !== undefined) {
    console.log(`the control plane is up\n${instructions(cluster)}`);
    return 0;
  }
  console.log(
    health === 'partly'
      ? `the control plane in ${dir} is broken: "up" replaces it`
      : `no control plane runs in ${dir}`,
  );
  return 1;
}

interface Options {
  readonly command: string | undefined;
  readonly dir: string;
  readonly nodes: number;
  readonly help: boolean;
}

function parse(args: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        dir: { type: 'string', default: '.run/cluster' },
        nodes: { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command, ...rest] = positionals;
    if (rest.length > 0) throw new Error(`"${rest.join(' ')}" is too much`);
    if (values.dir === '') throw new Error('--dir needs a folder');
    if (!/^\d$/.test(values.nodes))
      throw new Error(`--nodes takes a number from 0 to 9, not "${values.nodes}"`);
    return { command, dir: resolve(values.dir), nodes: Number(values.nodes), help: values.help };
  } catch (error) {
    // The first sentence: the rest teaches how to pass a dash.
    throw new UsageError(messageOf(error).split('. ')[0]);
  }
}

function instructions({ adminKubeconfig, kubectl, server, auditLog, dir, nodes }: ControlPlane): string {
  const pods =
    nodes.length === 0
      ? ''
      : `
  nodes       ${nodes.join(', ')}; they have the images ${grantorImage} and ${busyboxImage}, logs are in ${dir}/nodes
  chart       helm install … --values ${chartValuesFile(dir)}   (see docs/quickstart.md)`;
  return `
  server      ${server}${pods}
  use it      export KUBECONFIG=${adminKubeconfig}
              ${kubectl} get namespaces
  audit log   ${auditLog}
  server logs ${dir}/*.log
  stop it     make cluster-down   (or: node test/cluster/cluster.ts down --dir ${dir})`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const misuse = error instanceof UsageError;
  console.error(`cluster: ${messageOf(error)}${misuse ? ' (--help explains)' : ''}`);
  process.exitCode = misuse ? 2 : 1;
}
