import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { IssuerRegistry } from '../../src/issuance/issuer-registry.ts';
import { namespaceKind, podKind, secretKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { createNodeWorld } from '../../src/node/node-world.ts';
import { createPodEvents } from '../../src/node/pod-events.ts';
import { type EventObject, eventKind } from '../../src/runtime/event-object.ts';
import { createEventSender } from '../../src/runtime/event-sender.ts';
import { runtimeMetrics } from '../../src/runtime/runtime-metrics.ts';
import { systemClock } from '../../src/std/clock.ts';
import { minutes } from '../../src/std/duration.ts';
import { err } from '../../src/std/result.ts';
import { systemRng } from '../../src/std/rng.ts';
import { grantorMetrics } from '../../src/telemetry/grantor-metrics.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { connectAs } from '../admission/people.ts';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload, forVolumes } from '../e2e/objects.ts';
import { onOwnControlPlane, type TestStage, useStage } from '../e2e/use-stage.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { applyManifests } from '../stage/manifests.ts';
import { nodeUser } from '../stage/stage.ts';

const namespace = 'of-a-node';
const metrics = createMetrics({ ...runtimeMetrics, ...grantorMetrics });
const common = { clock: systemClock, rng: systemRng, log: recordingLog(), metrics };

/** A client with the rights of a node, by which the judge of the run knows it. */
const asNode = async ({ controlPlane }: TestStage): Promise<KubeClient> =>
  createKubeClient({
    config: await loadKubeconfig(await controlPlane.kubeconfigFor(nodeUser), systemClock),
    ...{ clock: systemClock, userAgent: 'grantor-node-test', fieldManager: 'grantor-node' },
  });

/** An API server that cannot begin a watch with all that there is: who asks it has to list. */
const withoutStreaming = (kube: KubeClient): Pick<KubeClient, 'list' | 'watch'> => ({
  list: kube.list.bind(kube),
  watch: async (kind, options) =>
    options.resourceVersion === undefined
      ? err({ kind: 'invalid', message: 'sendInitialEvents is forbidden' })
      : kube.watch(kind, options),
});

describe.runIf(onOwnControlPlane())('a node, by the rights of deploy/node.yaml', () => {
  const stage = useStage();
  const see = look(stage);
  const stop = new AbortController();
  let kube: KubeClient;

  beforeAll(async () => {
    await applyManifests(stage.kube, [anIssuer({ url: stage.issuerURL })]);
    await stage.apply([...aTenant(namespace), ...aWorkload(namespace, 'api', { binding: forVolumes })]);
    await see.until('binding', `${namespace}/api`, 'True Ready');
    kube = await asNode(stage);
  });
  afterAll(async () => {
    stop.abort();
    await kube.close();
  });

  test.each([
    ['a server that begins a watch with what there is', (one: KubeClient) => one],
    ['a server that has to be asked for a list', withoutStreaming],
  ])('follows what its pods are granted, from %s', async (_, through) => {
    const world = createNodeWorld(through(kube), common);
    world.clients.follow(new Set([namespace]));
    world.bindings.follow(new Set([namespace]));
    for (const informer of Object.values(world)) void informer.run(stop.signal);
    await Promise.all(Object.values(world).map(({ synced }) => synced));
    const kept = world.bindings.store.get(`${namespace}/api`)?.object;
    expect(kept?.status?.grant).toMatchObject({ audience: 'https://api.example' });
    expect(world.clients.store.get(`${namespace}/api`)).toBeDefined();
    expect(world.scopes.store.get(namespace)).toBeDefined();
    expect(world.issuers.store.get('main')?.object).toBeDefined();
  });

  test('reads the CA bundle of an issuer', async () => {
    const world = createNodeWorld(kube, common);
    void world.issuers.run(stop.signal);
    await world.issuers.synced;
    const registry = new IssuerRegistry({
      ...{ kube, namespace: 'grantor-system' },
      makeDriver: (_, caBundle) => ({ caBundle, close: () => Promise.resolve() }),
    });
    const driver = await registry.driver(world.issuers.store.get('main')!.object!);
    expect(driver).toMatchObject({ ok: true, value: { caBundle: stage.caBundle } });
  });

  test('tells a pod', async () => {
    const sender = createEventSender({ ...common, kube });
    void sender.run(stop.signal);
    const events = createPodEvents({ ...common, sender, node: 'node-1' });
    const pod = { namespace, name: 'web-1', uid: 'uid-1', serviceAccountName: 'api' };
    events.tell(pod, { type: 'Warning', reason: 'IssuerUnavailable', note: 'the issuer gave no answer' });
    await vi.waitFor(async () => {
      const told: EventObject[] = [];
      for await (const page of stage.kube.list<EventObject>(eventKind, { namespace }))
        if (page.ok) told.push(...page.value.items);
      // The controller tells its own objects.
      expect(told.filter(({ regarding }) => regarding.kind === 'Pod')).toMatchObject([
        { reason: 'IssuerUnavailable', regarding: { name: 'web-1', uid: 'uid-1' } },
      ]);
    });
  });

  test('may do nothing else that is worth having', async () => {
    const other = await connectAs(stage, nodeUser);
    const account = await stage.kube.get(serviceAccountKind, { namespace, name: 'api' });
    const uid = account.ok ? account.value.metadata.uid : '';
    const nodeKind = { ...namespaceKind, plural: 'nodes', kind: 'Node' };
    const asked = [
      ...[secretKind, serviceAccountKind, podKind, nodeKind].map(async (kind) => {
        const page = await other.list(kind, kind.namespaced ? { namespace } : {}).next();
        return page.value;
      }),
      other.get(secretKind, { namespace: 'grantor-system', name: 'quickstart-issuer' }),
      other.requestToken(
        { namespace, name: 'api' },
        { uid, audiences: [stage.issuerURL], expiration: minutes(10) },
      ),
    ];
    for (const answer of await Promise.all(asked))
      expect(answer).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
    await other.close();
  });
});
