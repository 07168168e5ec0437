import { describe, expect, it } from 'vitest';
import type { KubeClient, Selection } from '../../src/kube/kube-client.ts';
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

/** Notes what the reflectors of both replicas ask for, each by its name, and counts the processes. */
function noting(): Plant & { processes: number; readonly lists: string[]; readonly watches: string[] } {
  const noted = {
    processes: 0,
    lists: [] as string[],
    watches: [] as string[],
    kube(client: KubeClient): KubeClient {
      const process = ++noted.processes;
      const note = (of: string[], { plural }: ResourceKind, { fieldSelector = '' }: Selection = {}): void =>
        void of.push(`${process} ${plural} ${fieldSelector}`);
      const asks: Pick<KubeClient, 'list' | 'watch'> = {
        list(kind, options) {
          note(noted.lists, kind, options);
          return client.list(kind, options);
        },
        watch(kind, options) {
          note(options.resourceVersion === undefined ? noted.lists : noted.watches, kind, options);
          return client.watch(kind, options);
        },
      };
      return new Proxy(client, {
        get: (_, name) => Reflect.get(name in asks ? asks : client, name) as unknown,
      });
    },
  };
  return noted;
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
    const noted = noting();
    const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2, plant: noted });
    await simulation.pass(seconds(30));
    const [lists, watches] = [noted.lists.length, noted.watches.length];
    await simulation.perform(away);
    await simulation.pass(backWithin);
    expect([noted.processes, noted.lists.length]).toEqual([2, lists]);
    expect(noted.watches.length - watches).toBeLessThanOrEqual(mostTries);
    await simulation.end();
  });

  it('is listed anew once by each reflector if it has forgotten the version meanwhile', async () => {
    const noted = noting();
    const simulation = new Simulation({ seed: 1, idempotent: true, replicas: 2, plant: noted });
    await simulation.pass(seconds(30));
    await simulation.perform({ watches: 'compacted' });
    await simulation.perform(away);
    const before = noted.lists.length;
    await simulation.pass(backWithin);
    const lists = noted.lists.slice(before);
    // One that was on its way when the server came back goes on.
    expect(lists.length).toBeGreaterThan(reflectors / 2);
    expect([...new Set(lists)]).toEqual(lists);
    expect(noted.processes).toBe(2);
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
