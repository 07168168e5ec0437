import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds, seconds } from '../../src/std/duration.ts';
import type { Report } from '../provision/progress.ts';
import { withProgress } from '../provision/progress.ts';
import { openApi } from './api.ts';
import { ensureBinaries } from './binaries.ts';
import type { BinarySet } from './binary-set.ts';
import {
  addProcesses,
  type ClusterState,
  prepareDirectory,
  readState,
  removeState,
  writeState,
} from './cluster-state.ts';
import { freePorts } from './free-ports.ts';
import { adminKubeconfig, writeKubeconfig } from './identities.ts';
import { ensureOldestKubernetes } from './oldest-kubernetes.ts';
import { createPki, type Pki, pkiIn } from './pki.ts';
import { type Release, usualRelease } from './release.ts';
import {
  apiServerArguments,
  apiServerHosts,
  etcdArguments,
  etcdUrl,
  serviceAccountIssuer,
} from './server-arguments.ts';
import { type Lifetime, type ServerProcess, startServer, stopServer, tailOf } from './server-process.ts';

/** A running etcd and kube-apiserver, with nothing in front of them, and no controllers behind unless nodes were added. */
export interface ControlPlane {
  readonly dir: string;
  readonly server: string;
  readonly caFile: string;
  readonly etcdUrl: string;
  /** Of a user that may do everything. */
  readonly adminKubeconfig: string;
  readonly auditLog: string;
  /** Of its servers. */
  readonly pids: readonly number[];
  readonly kubectl: string;
  readonly release: Release;
  /** Names of the nodes that were added to it. */
  readonly nodes: readonly string[];
  /** Writes the kubeconfig of an identity that holds no rights but those RBAC gives it, and answers with its path. */
  kubeconfigFor(user: string, groups?: readonly string[]): Promise<string>;
  /** Ends the servers and removes data and keys; logs stay. Safe to call twice. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Holds everything it writes; must be empty or have been such a folder before. */
  readonly dir: string;
  readonly report: Report;
  /** By default it ends with this process, however that ends. */
  readonly lifetime?: Lifetime;
  /** Whether ServiceAccount tokens name the API server by its address, for authorization servers that fetch its keys from there. */
  readonly namedByAddress?: boolean;
  readonly release?: Release;
}

const startAttempts = 3;
const readyWithin = seconds(60);

/** Starts a control plane on free loopback ports and returns once it answers. Throws with the end of a server's log if it doesn't. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { report, release = usualRelease() } = options;
  const dir = resolve(options.dir);
  const binaries = await programsOf(release, report);
  const start = systemClock.now();
  prepareDirectory(dir);
  const pki = await createPki(dir, apiServerHosts);
  for (let attempt = 1; ; attempt++) {
    const servers = await startServers(dir, binaries, pki, { ...options, release });
    const failure = await untilReady(dir, servers, report);
    if (failure === undefined) break;
    await Promise.all(servers.map(({ record }) => stopServer(record)));
    // Between choosing a free port and listening on it another program can take it.
    if (attempt === startAttempts || !failure.includes('address already in use')) throw new Error(failure);
  }
  report(`control plane ready after ${((systemClock.now() - start) / 1000).toFixed(1)} s`);
  return openControlPlane(dir) ?? unreachable(dir);
}

/** The control plane that was started in `dir`, by whichever process; undefined if there is none. Says nothing about whether it still runs. */
export function openControlPlane(dir: string): ControlPlane | undefined {
  const state = readState(dir);
  if (state === undefined) return undefined;
  // Anew each time: servers that were restarted are others.
  const processes = () => readState(dir)?.processes ?? [];
  return {
    dir,
    server: state.server,
    caFile: pkiIn(dir).caFile,
    etcdUrl: state.etcdUrl,
    adminKubeconfig: adminKubeconfig(dir),
    auditLog: join(dir, 'audit.log'),
    get pids() {
      return processes().map(({ pid }) => pid);
    },
    kubectl: state.kubectl,
    release: state.release,
    get nodes() {
      return readState(dir)?.nodes ?? [];
    },
    kubeconfigFor: (user, groups) => writeKubeconfig(dir, state.server, user, groups),
    async stop() {
      await Promise.all(processes().map(stopServer));
      if (existsSync(dir)) removeState(dir);
    },
  };
}

async function programsOf(release: Release, report: Report): Promise<BinarySet> {
  const newest = await ensureBinaries(report);
  if (release === 'newest') return newest;
  const { 'kube-apiserver': apiServer } = await ensureOldestKubernetes(report);
  return { ...newest, 'kube-apiserver': apiServer };
}

/** Each process is recorded as soon as it exists, so that one that was started can be stopped even if we die now. */
async function startServers(
  dir: string,
  binaries: BinarySet,
  pki: Pki,
  { lifetime = 'parent', namedByAddress = false, release }: ControlPlaneOptions & { release: Release },
): Promise<ServerProcess[]> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
  const ports = { etcd, etcdPeer, apiServer };
  const state: ClusterState = {
    server: `https://127.0.0.1:${apiServer}`,
    etcdUrl: etcdUrl(ports),
    kubectl: binaries.kubectl,
    release,
    processes: [],
    nodes: [],
  };
  const servers: ServerProcess[] = [];
  const launch = (name: 'etcd' | 'kube-apiserver', args: readonly string[]): void => {
    const server = startServer(name, [binaries[name], ...args], join(dir, `${name}.log`), lifetime);
    servers.push(server);
    addProcesses(dir, [server.record]);
  };
  writeState(dir, state);
  // Both at once: the API server waits for etcd by itself.
  launch('etcd', etcdArguments(dir, ports));
  launch(
    'kube-apiserver',
    apiServerArguments(dir, ports, pki, namedByAddress ? state.server : serviceAccountIssuer),
  );
  await writeKubeconfig(dir, state.server, 'admin', ['system:masters']);
  return servers;
}

/** Waits until the API server serves and has made its own namespaces; answers with the reason if it doesn't come to that. */
export async function untilReady(
  dir: string,
  servers: readonly ServerProcess[],
  report: Report,
): Promise<string | undefined> {
  // Short, so that a server that died is noticed although another one keeps us waiting.
  const api = openApi(adminKubeconfig(dir), seconds(1));
  const answers = async (path: string): Promise<boolean> => {
    const response = await api.send('GET', path).catch(() => undefined);
    return response?.status === 200;
  };
  const giveUpAt = systemClock.now() + readyWithin;
  try {
    return await withProgress(
      (elapsed) => report(`waiting for the API server since ${elapsed}`),
      async () => {
        while (!((await answers('/readyz')) && (await answers('/api/v1/namespaces/default')))) {
          const dead = servers.find((server) => server.hasExited());
          if (dead !== undefined) return `${dead.record.name} ended at once:\n${tailOf(dead.logFile)}`;
          if (systemClock.now() > giveUpAt)
            return `the API server is not ready in time; see the logs in ${dir}`;
          await sleep(systemClock, milliseconds(50));
        }
        return undefined;
      },
      seconds(5),
    );
  } finally {
    await api.close();
  }
}

function unreachable(dir: string): never {
  throw new Error(`the state of the control plane vanished from ${dir} while it was started`);
}
