import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { isReady, type StoredBinding } from '../invariants/stored.ts';
import { type Absence, bindingCount, namespace, OutageScene } from './outage-scene.ts';
import type { ApiCall } from './recorded-calls.ts';

/** The longest wait of a reflector, and how long a call may take that nobody answers. */
const [longestWait, deadline] = [30_000, 10_000];
/** By then every watch was opened again, and where that led to a list, that too was waited for once. */
const noticed = seconds(75);

/** Calls of one process about the same. */
const apart = (calls: readonly ApiCall[]): ApiCall[][] =>
  Object.values(
    Object.groupBy(calls, ({ process, operation, about }) => `${process} ${operation} ${about}`),
  ).map((group) => group ?? []);

/** Lives through it: what others change meanwhile is there in the end. */
async function tenMinutesWithout(scene: OutageScene, how: Absence, history: 'kept' | 'forgotten') {
  const { clock, server, calls } = scene;
  const from = calls.length;
  scene.apiServerLeaves(how);
  await clock.advance(minutes(5));
  scene.putBinding('comes', 'api');
  await clock.advance(minutes(5));
  server.remove('workloadidentitybindings', { namespace, name: 'api-0' });
  server.remove('serviceaccounts', { namespace, name: 'other' });
  if (history === 'forgotten') server.storage.compact();
  const meanwhile = calls.slice(from);
  scene.heal();
  const back = clock.elapsed();
  await clock.advance(noticed);
  await scene.end();
  return { meanwhile, afterwards: calls.slice(from + meanwhile.length), back };
}

describe.each([
  ['refusing', 'kept'],
  ['refusing', 'forgotten'],
  ['silent', 'kept'],
  ['silent', 'forgotten'],
] as const)(
  'the API server is away for 10 minutes, %s, and what happened meanwhile is %s',
  (how, history) => {
    test('nothing is lost, no token of 35 minutes expires, nobody hurries, and nobody lists twice', async () => {
      const scene = await OutageScene.beforeRenewals(minutes(35));
      const began = scene.clock.elapsed();
      const { meanwhile, afterwards } = await tenMinutesWithout(scene, how, history);

      expect(scene.errors).toEqual([]);
      expect(scene.tokens.renewals).toBeGreaterThanOrEqual(bindingCount - 1);
      expect(scene.tokens.smallestLeft).toBeGreaterThan(0);

      expect(scene.server.find('secrets', { namespace, name: 'comes-token' })).toBeDefined();
      expect(scene.server.find('secrets', { namespace, name: 'api-0-token' })).toBeUndefined();
      const other = scene.server.find<StoredBinding>('workloadidentitybindings', {
        namespace,
        name: 'other',
      });
      expect(other && isReady(other)).toBe(false);

      // Who leads works on for 8 s; from then on there is nothing but the lease and the watches, each in its rhythm.
      const idle = meanwhile.filter(({ at }) => at > began + 15_000);
      expect(idle.filter(({ operation, about }) => operation !== 'watch' && about !== 'leases')).toEqual([]);
      for (const tries of apart(meanwhile)) {
        const { operation, about } = tries[0] as ApiCall;
        expect(tries.length, `${operation} ${about}`).toBeLessThan(about === 'leases' ? 600 : 100);
        if (operation !== 'watch') continue;
        const gaps = tries.slice(1).map(({ at }, n) => at - (tries[n]?.at ?? 0));
        expect(Math.max(...gaps), about).toBeLessThanOrEqual(longestWait + deadline);
      }

      const lists = apart(afterwards.filter(({ operation }) => operation === 'list'));
      expect(lists.filter((again) => again.length > 1)).toEqual([]);
      expect(lists.length > 0).toBe(history === 'forgotten');
      expect(afterwards.length).toBeLessThan(300);
    });
  },
);

test.each(['refusing', 'silent'] as const)(
  'tokens of 5 minutes that end while the API server is away (%s) for 10 are renewed at once when it is back',
  async (how) => {
    const scene = await OutageScene.beforeRenewals(minutes(5));
    const { back } = await tenMinutesWithout(scene, how, 'kept');
    expect(scene.errors).toEqual([]);
    expect(scene.tokens.late).toBeGreaterThanOrEqual(bindingCount - 1);
    expect(scene.tokens.lastLate - back).toBeLessThan(7000);
  },
);
