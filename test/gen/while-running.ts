import { createControllers } from '../../src/controllers/wiring.ts';
import { seconds } from '../../src/std/duration.ts';
import { FakeRng } from '../fakes/fake-rng.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { recordingMetrics } from '../fakes/recording-metrics.ts';
import type { Cluster } from './a-cluster.ts';

/** Lets the controllers of a cluster run, with all that wakes them, and shows them each change for ten seconds. */
export async function whileRunning(cluster: Cluster, ...changes: readonly (() => void)[]): Promise<void> {
  const { clock, environment, world } = cluster;
  const common = { clock, rng: new FakeRng(), log: recordingLog(), metrics: recordingMetrics() };
  const running = new AbortController();
  const controllers = createControllers(environment, common).map((one) => one.run(running.signal));
  const informers = Object.values(world).map((one) => one.run(running.signal));
  await clock.advance(seconds(10));
  for (const change of changes) {
    change();
    await clock.advance(seconds(10));
  }
  running.abort();
  await Promise.all([...controllers, ...informers]);
}
