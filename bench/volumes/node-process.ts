import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceAccountKind } from '../../src/kube/core-kinds.ts';
import { hours } from '../../src/std/duration.ts';
import { openMountNamespace } from '../../test/kubelet/mount-namespace.ts';
import { Program } from '../../test/stage/program.ts';
import type { Shipped } from '../as-shipped.ts';
import type { Scene } from '../scene.ts';

const account = { namespace: 'grantor-system', name: 'grantor-node' };
const preload = join(import.meta.dirname, '../preload/pod.mjs');

/** A plug-in as it runs in its pod: as root, with the rights of deploy/node.yaml, and mounts that the node sees too. */
export interface NodeProcess {
  readonly pid: number;
  /** From before the process was there until it has read what it watches, in milliseconds. */
  readonly startedIn: number;
  /** A path as the plug-in sees it: with what is mounted. */
  seen(path: string): string;
  /** Requests to issuers so far, by operation. */
  requests(): Promise<ReadonlyMap<string, number>>;
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** The mount namespace of a node: what is mounted there stays when the plug-in ends, and goes with the bench. */
export interface BenchNode {
  /** The kubelet's folder. */
  readonly kubelet: string;
  start(register: () => Promise<unknown>): Promise<NodeProcess>;
  close(): Promise<void>;
}

/** Makes the namespace and what the kubelet mounts into the pod of the plug-in. */
export async function openNode(scene: Scene, shipped: Shipped): Promise<BenchNode> {
  const kubelet = join(scene.dir, 'kubelet');
  for (const folder of ['plugins/csi.grantor.dev', 'plugins_registry', 'pods'])
    mkdirSync(join(kubelet, folder), { recursive: true });
  const namespace = await openMountNamespace();
  const pod = await writePod(scene);
  const server = new URL(scene.server);
  let started = 0;
  const running = new Set<Program>();

  return {
    kubelet,
    async start(register) {
      const startedAt = performance.now();
      const program = new Program({
        under: namespace.enter,
        entry: shipped.entry,
        args: ['node', '--node-name', 'node-1', '--kubelet-dir', kubelet, '--probes', '127.0.0.1:0'],
        logFile: join(scene.dir, `node-${++started}.log`),
        nodeArgs: [...shipped.nodeArgs, '--import', preload],
        env: {
          ...shipped.env,
          KUBERNETES_SERVICE_HOST: server.hostname,
          KUBERNETES_SERVICE_PORT: server.port,
          GRANTOR_BENCH_POD: pod,
        },
      });
      running.add(program);
      const [, probes = ''] = await program.says(/"probes":"([^"]+)"/);
      for (let round = 0; ; round++) {
        try {
          await register();
          if ((await fetch(`${probes}/readyz`)).ok) break;
        } catch (error) {
          if (!program.running) throw error;
        }
        if (round === 500) throw new Error(`the plug-in is not ready:\n${program.log().slice(-2000)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return {
        pid: program.pid,
        startedIn: performance.now() - startedAt,
        seen: (path) => namespace.seen(path),
        async requests() {
          const page = await (await fetch(`${probes}/metrics`)).text();
          const counts = new Map<string, number>();
          for (const [, operation = '', count] of page.matchAll(
            /^grantor_issuer_requests_total\{[^}]*operation="(\w+)"[^}]*\} (\d+)/gm,
          ))
            counts.set(operation, (counts.get(operation) ?? 0) + Number(count));
          return counts;
        },
        async end(signal) {
          await program.end(signal);
          running.delete(program);
        },
      };
    },
    async close() {
      await Promise.all([...running].map((program) => program.end()));
      await namespace.close();
    },
  };
}

async function writePod({ kube, controlPlane, dir }: Scene): Promise<string> {
  const found = await kube.get(serviceAccountKind, account);
  if (!found.ok) throw new Error(found.error.message);
  const { uid } = found.value.metadata;
  const token = await kube.requestToken(account, { uid, audiences: [], expiration: hours(24) });
  if (!token.ok) throw new Error(token.error.message);
  const pod = join(dir, 'node-pod');
  mkdirSync(pod, { mode: 0o700 });
  writeFileSync(join(pod, 'token'), token.value.token.reveal(), { mode: 0o600 });
  writeFileSync(join(pod, 'ca.crt'), readFileSync(controlPlane.caFile));
  writeFileSync(join(pod, 'namespace'), account.namespace);
  return pod;
}
