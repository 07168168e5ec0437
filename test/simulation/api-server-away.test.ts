import { describe, expect, it } from 'vitest';
import type { KubeClient, WatchOptions } from '../../src/kube/kube-client.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import type { Plant } from './replica.ts';
import { Simulation } from './simulation.ts';
import type { Step } from './steps.ts';

/** Of which ten minutes are a little less than 30 %. */
const lives = { accessTokenLifetime: '34m', maxLifetime: '1h' };

/** Watches come back within their back-off, and with them whoever leads. */
const backWithin = seconds(35);

/** Of both processes. */
const reflectors = 2 * 9;

/** Watches that they may try to open meanwhile and afterwards: each one in ten seconds, a third of the longest wait. */
const mostTries = reflectors * 60;

/** Counts what the reflectors of both replicas ask for, and the processes. */
function counting(): Plant & { processes: number; lists: number; watches: number } {
  const count = {
    processes: 0,
    lists: 0,
    watches: 0,
    kube(client: KubeClient): KubeClient {
      count.processes += 1;
      return new Proxy(client, {
        get(_, name) {
          if (name === 'list') count.lists += 1;
          if (name !== 'watch') return Reflect.get(client, name) as unknown;
          return (kind: ResourceKind, options: WatchOptions) => {
            if (options.resourceVersion === undefined) count.lists += 1;
            else count.watches += 1;
            return client.watch(kind, options);
          };
        },
      });
    },
  };
  return count;
}

const tokensOf = (simulation: Simulation): string[] =>
  simulation
    .state()
    .filter((line) => line.includes(' token '))
    .map((line) => line.split(' of ')[0] ?? '');

const bothLive = ['living token billing-token-a', 'living token portal-token-a'];

describe.each(['down', 'hangs'] as const)('an API server that is away for ten minutes (%s)', (apiAway) => {
  const away: Step = { apiAway, minutes: 10 };

  it('lets no token of 34 minutes end, wherever in its life it begins', { timeout: 30_000 }, async () => {
    for (let before = 0; before < 2 * 34; before += 3) {
      const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2, lives });
      await simulation.pass(minutes(before + 1));
      await simulation.perform(away);
      const kept = tokensOf(simulation);
      await simulation.pass(backWithin);
      expect([kept, tokensOf(simulation)], `after ${before} minutes`).toEqual([bothLive, bothLive]);
      expect(simulation.violations).toEqual([]);
      await simulation.end();
    }
  });

  it('ends no process, and is listed anew by nobody', async () => {
    const count = counting();
    const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2, plant: count });
    await simulation.pass(seconds(30));
    const { lists, watches } = count;
    await simulation.perform(away);
    await simulation.pass(backWithin);
    expect(count).toMatchObject({ processes: 2, lists });
    expect(count.watches - watches).toBeLessThanOrEqual(mostTries);
    await simulation.end();
  });

  it('is listed anew once by each reflector if it has forgotten the version meanwhile', async () => {
    const count = counting();
    const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2, plant: count });
    await simulation.pass(seconds(30));
    await simulation.perform({ watches: 'compacted' });
    await simulation.perform(away);
    const { lists } = count;
    await simulation.pass(backWithin);
    expect(count).toMatchObject({ processes: 2, lists: lists + reflectors });
    await simulation.end();
  });

  it('is heard afterwards on what was changed just before', async () => {
    const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2 });
    await simulation.pass(seconds(30));
    await simulation.perform({ watches: 'held' });
    await simulation.perform({ tenant: 'suspended' });
    await simulation.perform(away);
    await simulation.pass(backWithin);
    expect(tokensOf(simulation)).toEqual([]);
    expect(simulation.violations).toEqual([]);
    await simulation.end();
  });
});
