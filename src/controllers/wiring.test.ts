import { expect, it } from 'vitest';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { aReadyCluster } from '../../test/gen/a-cluster.ts';
import { clientIDs, vanish } from '../../test/gen/client-steps.ts';
import { anIssuer } from '../../test/gen/objects.ts';
import { seconds } from '../std/duration.ts';
import { createControllers } from './wiring.ts';

it('what a vanished client left is deregistered when its issuer comes back', async () => {
  const cluster = await aReadyCluster();
  const { clock, environment, world } = cluster;
  const common = { clock, rng: new FakeRng(), log: recordingLog(), metrics: recordingMetrics() };
  const running = new AbortController();
  const controllers = createControllers(environment, common).map((one) => one.run(running.signal));
  const informers = Object.values(world).map((one) => one.run(running.signal));
  await clock.advance(seconds(10));
  cluster.kube.remove('oauthissuers', { name: 'login' });
  vanish(cluster);
  await clock.advance(seconds(10));
  expect(clientIDs(cluster)).toHaveLength(1);

  cluster.put(anIssuer((issuer) => ({ ...issuer, metadata: { ...issuer.metadata, uid: 'uid-back' } })));
  await clock.advance(seconds(10));
  expect(clientIDs(cluster)).toEqual([]);
  running.abort();
  await Promise.all([...controllers, ...informers]);
});
