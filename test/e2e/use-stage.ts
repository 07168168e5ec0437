import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { capture } from '../canary/capture.ts';
import { remember } from '../canary/remember.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import type { TargetCluster } from '../cluster/target.ts';
import { testControlPlane, testKubeconfig } from '../cluster/test-cluster.ts';
import type { IssuerProxy } from '../stage/issuer-proxy.ts';
import type { ProxiedApi } from '../stage/proxied-api.ts';
import { type Controller, type Stage, setStage } from '../stage/stage.ts';
import { clearCluster } from './clear-cluster.ts';

/** The stage of one test file. */
export interface TestStage extends Stage {
  readonly proxy: IssuerProxy;
  readonly api: ProxiedApi;
  /** Of our own: the run's, unless the test wanted one for itself. */
  readonly controlPlane: ControlPlane;
  /** The controller that was started last. */
  readonly controller: Controller;
}

/** Our own control plane is there: these tests need its audit log and its identities. */
export const onOwnControlPlane = (): boolean => testControlPlane() !== undefined;

export interface TestStageOptions {
  /** Whether one is started at once. */
  readonly controller?: boolean;
  /** Puts a proxy between the controllers and the API server. */
  readonly apiProxied?: boolean;
  /** Whether a proxy is between the controllers and the issuer; where none is, `proxy` is not there. */
  readonly proxied?: boolean;
  /** Whether Secrets may be delivered everywhere. Where not, the cluster has to be the test's own. */
  readonly secretDelivery?: boolean;
  /** The run's unless another is given; it is released at the end. */
  readonly cluster?: (dir: string) => Promise<TargetCluster>;
  /** What the programs run in, beside what the tests do. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is to be done first at the end. */
  readonly leave?: () => Promise<void>;
}

const clusterOfTheRun = (): Promise<TargetCluster> =>
  Promise.resolve({
    kubeconfig: testKubeconfig(),
    controlPlane: testControlPlane(),
    release: () => Promise.resolve(),
  });

/**
 * Sets the stage for one test file: cluster, issuer with a proxy in front, and unless told otherwise a controller. Afterwards
 * everything is taken down again, and what the canary searches is captured.
 */
export function useStage({
  controller: wanted = true,
  apiProxied = false,
  proxied = true,
  secretDelivery = true,
  cluster: startCluster = clusterOfTheRun,
  env = {},
  leave = () => Promise.resolve(),
}: TestStageOptions = {}): TestStage {
  let cluster: TargetCluster | undefined;
  let stage: Stage | undefined;
  const controllers: Controller[] = [];
  const run = process.env['GRANTOR_TEST_RUN'];
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the stage is not set yet');
    return value;
  };

  beforeAll(async () => {
    // With its project: files of two have one name, and one stage would find what another left.
    const name = basename(expect.getState().testPath ?? 'stage', '.test.ts');
    const dir = run ? join(run, 'stages', name) : mkdtempSync(join(tmpdir(), 'grantor-stage-'));
    mkdirSync(dir, { recursive: true });
    cluster = await startCluster(dir);
    const set = await setStage({
      cluster,
      apiProxied,
      dir,
      report: () => {},
      proxied,
      secretDelivery,
      env,
      nodeArgs: run ? ['--import', join(import.meta.dirname, '../canary/record.ts')] : [],
    });
    for (const file of ['initial-access-token', 'cluster-token']) {
      remember(readFileSync(join(dir, file), 'utf8'));
    }
    stage = set;
    if (wanted) await start();
  });
  afterEach(async () => {
    stage?.proxy?.mend();
    await stage?.api?.mend();
  });
  afterAll(async () => {
    if (stage === undefined) return;
    try {
      await leave();
      await capture(
        stage,
        controllers.filter(({ program }) => program.running).map(({ probes }) => probes),
      );
      await clearCluster(stage.kube);
    } finally {
      // Whatever went wrong: no program outlives its test.
      await stage.close();
      await cluster?.release();
    }
    if (!run) rmSync(stage.dir, { recursive: true, force: true });
  });

  const start: Stage['startController'] = async (options) => {
    const controller = await there(stage).startController(options);
    controllers.push(controller);
    return controller;
  };

  return {
    get kube() {
      return there(stage).kube;
    },
    get asController() {
      return there(stage).asController;
    },
    get dir() {
      return there(stage).dir;
    },
    get issuer() {
      return there(stage).issuer;
    },
    get issuerURL() {
      return there(stage).issuerURL;
    },
    get proxy() {
      return there(there(stage).proxy);
    },
    get api() {
      return there(there(stage).api);
    },
    get caBundle() {
      return there(stage).caBundle;
    },
    get programs() {
      return there(stage).programs;
    },
    get controller() {
      return there(controllers.at(-1));
    },
    get controlPlane() {
      return there(cluster?.controlPlane);
    },
    startController: start,
    apply: (manifests) => there(stage).apply(manifests),
    close: () => there(stage).close(),
  };
}
