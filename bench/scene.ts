import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceAccountKind } from '../src/kube/core-kinds.ts';
import type { KubeClient } from '../src/kube/kube-client.ts';
import { hours } from '../src/std/duration.ts';
import { type ControlPlane, startControlPlane } from '../test/cluster/control-plane.ts';
import { anIssuer } from '../test/e2e/objects.ts';
import type { Report } from '../test/provision/progress.ts';
import { foundPopulation, type Population, populationReady } from '../test/stage/population.ts';
import type { Program } from '../test/stage/program.ts';
import { setStage } from '../test/stage/stage.ts';
import { type StubIssuer, startStubIssuer, widestLimits } from '../test/stage/start-stub-issuer.ts';
import type { Shipped } from './as-shipped.ts';
import { startController } from './controller-process.ts';

export interface SceneOptions {
  readonly dir: string;
  /** What is measured. */
  readonly program: Shipped;
  /** Where CPU profiles of the controllers go; empty for none. */
  readonly profile: string;
  readonly report: Report;
  /** How long what rests is watched. */
  readonly minutes: number;
}

/** A control plane with Grantor's kinds and rights, an issuer of each sort, and the folder of the controller's pod. */
export interface Scene extends SceneOptions {
  readonly kube: KubeClient;
  readonly asController: KubeClient;
  readonly controlPlane: ControlPlane;
  readonly server: string;
  readonly pod: string;
  readonly stub: StubIssuer;
  /** The embedded issuer. */
  readonly issuer: Program;
  readonly issuerURL: string;
  /** The pids of API server, etcd and both issuers. */
  readonly servers: () => number[];
  /** Every program that was started here, and ends with the scene. */
  readonly programs: Program[];
  /** Lets a controller make these populations ready, each of which has then one binding for each client. */
  populate(...populations: readonly Population[]): Promise<void>;
  close(): Promise<void>;
}

const controllerAccount = { namespace: 'grantor-system', name: 'grantor-controller' };

/** Sets everything up, in a few seconds. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const { dir, report } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report });
  const cluster = {
    kubeconfig: controlPlane.adminKubeconfig,
    controlPlane,
    release: () => controlPlane.stop(),
  };
  const stage = await setStage({ cluster, dir: join(dir, 'stage'), report });
  const { kube, asController, issuerURL } = stage;
  await stage.apply([anIssuer({ url: issuerURL, spec: { limits: { controller: widestLimits } } })]);
  const stub = await startStubIssuer({ kube, dir: join(dir, 'stage'), lifetime: 24 * 3600 });
  const pod = join(dir, 'pod');
  await writePod(kube, controlPlane, pod);
  const scene: Scene = {
    ...options,
    kube,
    asController,
    controlPlane,
    server: controlPlane.server,
    pod,
    stub,
    issuer: stage.issuer,
    issuerURL,
    programs: [stub.program],
    servers: () => [...controlPlane.pids, stub.program.pid, stage.issuer.pid],
    async populate(...populations) {
      const controller = await startController(scene);
      for (const population of populations) await foundPopulation(kube, population);
      for (const population of populations) await populationReady(kube, population);
      // Counts of a tenant come two seconds late.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await controller.program.end();
    },
    async close() {
      await Promise.all(scene.programs.map((program) => program.end()));
      await stage.close();
      await controlPlane.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return scene;
}

/** What the kubelet mounts into a pod. */
async function writePod(kube: KubeClient, { caFile }: ControlPlane, pod: string): Promise<void> {
  const account = await kube.get(serviceAccountKind, controllerAccount);
  if (!account.ok) throw new Error(account.error.message);
  const { uid } = account.value.metadata;
  const token = await kube.requestToken(controllerAccount, { uid, audiences: [], expiration: hours(24) });
  if (!token.ok) throw new Error(token.error.message);
  mkdirSync(pod, { mode: 0o700 });
  writeFileSync(join(pod, 'token'), token.value.token.reveal(), { mode: 0o600 });
  writeFileSync(join(pod, 'ca.crt'), readFileSync(caFile));
  writeFileSync(join(pod, 'namespace'), controllerAccount.namespace);
}
