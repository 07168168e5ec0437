import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { createNodeWorld, viewOf } from '../../src/node/node-world.ts';
import { systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { look } from '../e2e/look.ts';
import { aClient, anIssuer, aServiceAccount, aTenant } from '../e2e/objects.ts';
import { useStage } from '../e2e/use-stage.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { recordingMetrics } from '../fakes/recording-metrics.ts';
import { writeAccountKubeconfig } from '../stage/account-kubeconfig.ts';
import { refusing } from '../stage/api-proxy/fault.ts';
import { aVolumeBinding } from './pods.ts';

describe.skipIf(testNode() === undefined)('an API server without streaming lists', () => {
  const stage = useStage({ apiProxied: true });

  test('is asked for lists by a node, of every kind that it watches', async () => {
    await using takeDown = new AsyncDisposableStack();
    const tenant = 'listed-by-a-node';
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant),
      aServiceAccount(tenant),
      aClient(tenant),
      aVolumeBinding(tenant),
    ]);
    await look(stage).until('binding', `${tenant}/api`, 'True');
    // It would list as well.
    await stage.controller.program.end();
    stage.api.fault({ where: ({ query }) => query.has('sendInitialEvents') }, refusing(422, 'Invalid'));
    const file = join(stage.dir, 'node-kubeconfig.yaml');
    const { url: server, caFile } = stage.api;
    await writeAccountKubeconfig(stage.kube, 'grantor-node', file, { server, caFile });
    const [clock, rng] = [systemClock, systemRng];
    const config = await loadKubeconfig(file, clock);
    const manager = { userAgent: 'grantor-node', fieldManager: 'grantor-node' };
    const kube = takeDown.adopt(createKubeClient({ config, clock, ...manager }), (client) => client.close());
    const world = createNodeWorld(kube, { clock, rng, log: recordingLog(), metrics: recordingMetrics() });

    const stop = new AbortController();
    const before = stage.api.requests.length;
    const running = Object.values(world).map((informer) => informer.run(stop.signal));
    takeDown.defer(async () => {
      stop.abort();
      await Promise.all(running);
    });
    for (const set of [world.clients, world.bindings]) set.follow(new Set([tenant]));
    await vi.waitFor(
      () => {
        const { synced, binding, client, issuer, scope } = viewOf(world, tenant, 'api');
        expect(synced).toBe(true);
        expect([binding, client, issuer, scope].map((one) => one?.metadata.name)).toEqual([
          'api',
          'api',
          'main',
          tenant,
        ]);
      },
      { timeout: 20_000, interval: 100 },
    );
    const asked = stage.api.requests.slice(before).filter(({ verb }) => verb === 'list');
    expect(new Set(asked.map(({ resource }) => resource))).toEqual(
      new Set(['oauthissuers', 'tenantscopes', 'oauthclients', 'workloadidentitybindings']),
    );
  });
});
