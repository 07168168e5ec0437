import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MountNamespace, openMountNamespace } from '../kubelet/mount-namespace.ts';
import { TestKubelet } from '../kubelet/test-kubelet.ts';
import { Program } from '../stage/program.ts';

/** A node with a plug-in as a real process, and a kubelet that is played. */
export interface PluggedNode {
  readonly kubelet: TestKubelet;
  readonly program: Program;
  /** Starts the plug-in, again and again; with `dieAt`, one that is killed before that step of whatever it does to a volume. */
  start(options?: {
    readonly dieAt?: number;
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Requests to issuers since it was started. */
  requests(): Promise<number>;
  /** A place for a volume of a pod, with the folder above it. */
  target(podUID: string): string;
  /** A path with what is mounted in it. */
  seen(path: string): string;
  /** Mount points of volumes. */
  mounted(): readonly string[];
  /** What is kept of volumes. */
  kept(): readonly string[];
  close(): Promise<void>;
}

export interface PluggedNodeOptions {
  /** With the rights of a node. */
  readonly kubeconfig: string;
  readonly logFile: string;
  readonly nodeArgs: readonly string[];
}

export async function openPluggedNode({
  kubeconfig,
  logFile,
  nodeArgs,
}: PluggedNodeOptions): Promise<PluggedNode> {
  // Paths of sockets are short.
  const folder = mkdtempSync(join(tmpdir(), 'kubelet-'));
  for (const name of ['plugins/csi.grantor.dev', 'plugins_registry', 'pods'])
    mkdirSync(join(folder, name), { recursive: true });
  const namespace: MountNamespace = await openMountNamespace();
  const kubelet = new TestKubelet(folder);
  let program: Program | undefined;
  let probes = '';
  const running = (): Program => {
    if (program === undefined) throw new Error('the plug-in was not started');
    return program;
  };
  return {
    kubelet,
    get program() {
      return running();
    },
    async start({ dieAt, env = {} } = {}) {
      kubelet.close();
      const before = existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0;
      program = new Program({
        under: namespace.enter,
        logFile,
        nodeArgs: [
          ...nodeArgs,
          ...(dieAt === undefined ? [] : ['--import', join(import.meta.dirname, 'die.mjs')]),
        ],
        args: [
          ...['node', '--node-name', 'node-1', '--kubelet-dir', folder],
          ...['--kubeconfig', kubeconfig, '--probes', '127.0.0.1:0', '--log-level', 'debug'],
        ],
        env: { ...env, ...(dieAt === undefined ? {} : { GRANTOR_TEST_DIE_AT: String(dieAt) }) },
      });
      for (let round = 0; ; round++) {
        const log = readFileSync(logFile, 'utf8').slice(before);
        probes = /"probes":"([^"]+)"/.exec(log)?.[1] ?? '';
        if (probes !== '') {
          if ((await kubelet.register()).node.code === 'OK' && (await isReady(probes))) return;
        }
        if (!program.running || round === 600)
          throw new Error(`the plug-in is not ready:\n${log.slice(-2000)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async requests() {
      const page = await (await fetch(`${probes}/metrics`)).text();
      return [...page.matchAll(/^grantor_issuer_requests_total\{[^}]*\} (\d+)/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    },
    target(podUID) {
      const target = join(folder, 'pods', podUID, 'volumes/kubernetes.io~csi/token/mount');
      mkdirSync(dirname(target), { recursive: true });
      return target;
    },
    seen: (path) => namespace.seen(path),
    mounted: () =>
      readFileSync(namespace.mountInfo, 'utf8')
        .split('\n')
        .map((line) => line.split(' ')[4] ?? '')
        .filter((path) => path.startsWith(join(folder, 'pods'))),
    kept: () => readdirSync(namespace.seen(join(folder, 'plugins/csi.grantor.dev/volumes'))),
    async close() {
      kubelet.close();
      await program?.end();
      await namespace.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isReady = (probes: string): Promise<boolean> =>
  fetch(`${probes}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
