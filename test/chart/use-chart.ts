import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { remember } from '../canary/remember.ts';
import type { ControlPlane } from '../cluster/control-plane.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { testControlPlane } from '../cluster/test-cluster.ts';
import { aClient, aServiceAccount, aTenant } from '../e2e/objects.ts';
import { lookAtPods, type PodsLook, type SeenPod } from '../node/look-at-pods.ts';
import { aVolumeBinding, mountPath } from '../node/pods.ts';
import type { ChartIssuer } from './chart-issuer.ts';
import { type ClusterUnderTest, foreignCluster, ourCluster } from './cluster-under-test.ts';
import { ourChart } from './our-chart.ts';
import type { Values } from './values.ts';

export const home = 'grantor-system';

/** A cluster with nodes, an issuer that trusts it, and Helm to install Grantor with. */
export interface ChartStage extends PodsLook, Omit<ClusterUnderTest, 'startIssuer'> {
  readonly issuer: ChartIssuer;
  /** For files of the test; what is in logs there is searched for secrets in the end. */
  readonly dir: string;
  /** Installs a chart, or upgrades to it, and returns once Helm says that all of it is ready. */
  install(values?: Values, chart?: string): Promise<void>;
  uninstall(): Promise<void>;
  apply(...manifests: readonly object[]): Promise<void>;
  /** A tenant of one namespace with its name, in which ServiceAccount `api` is granted a token for volumes by a binding of that name. */
  tenant(name: string, specs?: TenantSpecs): Promise<void>;
  /** What a container of a pod reads in its volume. */
  file(namespace: string, pod: SeenPod, name?: string): Promise<string>;
}

/** What is laid over the specs of a tenant's objects. */
export interface TenantSpecs {
  /** Of the ceiling. */
  readonly tokens?: Values;
  readonly client?: Values;
  readonly binding?: Values;
}

/** Sets the stage for one test file; what it installed and its tenants are taken away afterwards. */
export function useChart(start?: (dir: string) => Promise<ControlPlane>): ChartStage {
  const run = process.env['GRANTOR_TEST_RUN'];
  const tenants = new Set<string>();
  const takeDown = new AsyncDisposableStack();
  let set: (ClusterUnderTest & Pick<ChartStage, 'issuer' | 'dir'>) | undefined;
  const stage = (): NonNullable<typeof set> => {
    if (set === undefined) throw new Error('the stage is not set yet');
    return set;
  };
  const kubectl: Kubectl = (...args) => stage().kubectl(...args);

  beforeAll(async () => {
    const name = basename(expect.getState().testPath ?? 'chart', '.test.ts');
    const dir = run ? join(run, 'stages', name) : mkdtempSync(join(tmpdir(), 'grantor-chart-'));
    mkdirSync(dir, { recursive: true });
    if (!run) takeDown.defer(() => rmSync(dir, { recursive: true, force: true }));
    const controlPlane = await (start?.(join(dir, 'cluster')) ?? testControlPlane());
    if (start !== undefined) takeDown.defer(() => controlPlane?.stop());
    const cluster = await (controlPlane ? ourCluster(controlPlane, dir) : foreignCluster(dir));
    const issuer = takeDown.use(await cluster.startIssuer());
    const audiences = [{ audience: issuer.url, expirationSeconds: 600 }];
    set = { ...cluster, issuer, dir, values: { ...cluster.values, ...issuer.values, audiences } };
    // A cluster of its own goes as it is.
    if (start === undefined) takeDown.defer(leave);
  }, 120_000);
  afterAll(() => takeDown.disposeAsync(), 120_000);

  /** Tenants first, while somebody is there to end their finalizers; and then what docs/upgrade.md says is left. */
  async function leave(): Promise<void> {
    const all = ['--all', '--timeout=50s'];
    const inTenants = ['deployments', 'pods', 'workloadidentitybindings', 'oauthclients'].join();
    await Promise.all(
      [...tenants].map(async (name) => {
        await kubectl([`--namespace=${name}`, 'delete', inTenants, ...all]);
        await kubectl(['delete', 'namespace', name, '--timeout=50s']);
      }),
    );
    if (tenants.size > 0) await kubectl(['delete', 'tenantscopes,oauthissuers', ...all]);
    await uninstall();
    await kubectl(['delete', 'namespace', home, '--ignore-not-found', '--timeout=50s']);
    const kinds = (await kubectl(['get', 'customresourcedefinitions', '--output=name']))
      .split('\n')
      .filter((name) => name.endsWith('.grantor.dev'));
    if (kinds.length > 0) await kubectl(['delete', ...kinds]);
  }

  const apply: ChartStage['apply'] = async (...manifests) => {
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    await kubectl(['apply', '--server-side', '--filename=-'], list);
  };
  async function uninstall(): Promise<void> {
    const options = [`--namespace=${home}`, '--ignore-not-found', '--wait', '--cascade=foreground'];
    await stage().helm(['uninstall', 'grantor', ...options]);
  }

  return {
    ...lookAtPods(kubectl),
    get nodes() {
      return stage().nodes;
    },
    get issuer() {
      return stage().issuer;
    },
    get dir() {
      return stage().dir;
    },
    get kubeconfig() {
      return stage().kubeconfig;
    },
    get helm() {
      return stage().helm;
    },
    get values() {
      return stage().values;
    },
    kubectl,
    async install(values = {}, chart = ourChart) {
      const options = [`--namespace=${home}`, '--create-namespace', '--wait', '--timeout=60s'];
      const all = { ...stage().values, ...values };
      await stage().helm(['upgrade', '--install', 'grantor', chart, ...options], all);
    },
    uninstall,
    apply,
    async tenant(name, { tokens, client, binding } = {}) {
      tenants.add(name);
      await apply(
        ...stage().issuer.manifests,
        ...aTenant(name, tokens === undefined ? {} : { tokens }),
        aServiceAccount(name),
        aClient(name, 'api', client),
        aVolumeBinding(name, 'api', binding),
      );
      const ready = ['--for=condition=Ready', 'workloadidentitybinding/api', '--timeout=30s'];
      await kubectl([`--namespace=${name}`, 'wait', ...ready]);
    },
    async file(namespace, { metadata }, name = 'token') {
      const read = `process.stdout.write(fs.readFileSync('${mountPath}/${name}'))`;
      const command = ['exec', metadata.name, '--', '/nodejs/bin/node', '-e', read];
      const text = await kubectl([`--namespace=${namespace}`, ...command]);
      remember(text);
      return text;
    },
  };
}
