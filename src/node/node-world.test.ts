import { expect, test } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { now } from '../../test/gen/facts.ts';
import { createNodeWorld } from './node-world.ts';

test('the namespaces that a node reads show as one in its metrics', async () => {
  const clock = new FakeClock(now);
  const server = new FakeApiServer(clock);
  for (const [namespace, name] of [
    ['a', 'one'],
    ['a', 'two'],
    ['b', 'three'],
  ])
    server.put('oauthclients', {
      ...{ apiVersion: 'grantor.dev/v1alpha1', kind: 'OAuthClient' },
      metadata: { namespace, name },
    } as never);
  const metrics = recordingMetrics();
  const world = createNodeWorld(server.client(clock), {
    ...{ clock, rng: new FakeRng(), log: recordingLog(), metrics },
  });
  const stop = new AbortController();
  void world.clients.run(stop.signal);
  world.clients.follow(new Set(['a', 'b']));
  await clock.settle();
  expect(metrics.values['informer_objects{oauthclients}']).toBe(3);
  world.clients.follow(new Set(['b']));
  await clock.settle();
  expect(metrics.values['informer_objects{oauthclients}']).toBe(1);
  stop.abort();
});
