// A whole controller on src/runtime: it keeps a copy of each ConfigMap that has the label `mirror-to`, in the namespace named there.
import type { ClusterConfig } from '../../src/kube/cluster-config.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { createController } from '../../src/runtime/controller.ts';
import { createInformer } from '../../src/runtime/informer.ts';
import { createLeaderElector } from '../../src/runtime/leader.ts';
import { listWatchOf } from '../../src/runtime/list-watch.ts';
import type { Log } from '../../src/runtime/log.ts';
import { createManager } from '../../src/runtime/manager.ts';
import { done, retry } from '../../src/runtime/outcome.ts';
import type { RuntimeMetrics } from '../../src/runtime/runtime-metrics.ts';
import type { StoreRecord } from '../../src/runtime/store.ts';
import { systemClock as clock } from '../../src/std/clock.ts';
import { systemRng as rng } from '../../src/std/rng.ts';

const configMaps: ResourceKind = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** What is kept of a ConfigMap: no more than is needed. */
interface Source extends StoreRecord {
  readonly target: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Runs until `signal` aborts. `namespace` is where its Lease lies. */
export async function runMirror(
  config: ClusterConfig,
  namespace: string,
  log: Log,
  metrics: RuntimeMetrics,
  signal: AbortSignal,
): Promise<void> {
  const common = { clock, rng, log, metrics };
  const kube = createKubeClient({ config, clock, userAgent: 'mirror/1', fieldManager: 'mirror' });

  const sources = createInformer<Source>({
    ...common,
    name: 'configmaps',
    listWatch: listWatchOf(kube, configMaps, { labelSelector: 'mirror-to' }),
    transform({ metadata: { name, namespace = '', uid, resourceVersion, labels }, ...rest }) {
      const { data = {} } = rest as ConfigMap;
      return { name, namespace, uid, resourceVersion, target: labels?.['mirror-to'] ?? '', data };
    },
  });

  const controller = createController({
    ...common,
    name: 'mirror',
    concurrency: 4,
    async reconcile(key, context) {
      const source = sources.store.get(key);
      if (source === undefined) return done;
      const metadata = { name: source.name, namespace: source.target };
      const copy: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: source.data };
      const applied = await kube.apply(configMaps, copy, context);
      if (applied.ok) return done;
      const { kind, retryAfter } = applied.error;
      const isRefused = kind === 'forbidden' || kind === 'notFound' || kind === 'invalid';
      return retry(applied.error, isRefused ? 'lasting' : 'passing', { atLeast: retryAfter });
    },
  });
  sources.onChange(({ key }) => controller.enqueue(key));

  const elector = createLeaderElector({
    ...common,
    client: kube,
    namespace,
    name: 'mirror',
    identity: rng.uuid(),
  });
  await createManager({
    ...common,
    servers: [],
    informers: [sources],
    controllers: [controller],
    elector,
  }).run(signal);
  await kube.close();
}
