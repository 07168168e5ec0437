import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { seconds } from '../std/duration.ts';
import { endlessWait } from './cluster-lacks.ts';

const away = { synced: false, problem: 'connection refused', failure: 'unavailable' } as const;
const notServed = {
  synced: false,
  problem: 'GET /apis/grantor.dev/v1alpha1/oauthclients: the API server answered 404',
  failure: 'notFound',
} as const;
const forbidden = {
  synced: false,
  problem: 'oauthissuers.grantor.dev is forbidden: User "x" cannot list resource "oauthissuers"',
  failure: 'forbidden',
} as const;
const synced = { synced: true, problem: undefined } as const;
type Health = typeof away | typeof notServed | typeof forbidden | typeof synced;

/** Waits for a program whose informers fare as `health` says, second by second. */
async function wait(...health: readonly (readonly [Health, number])[]): Promise<string> {
  const clock = new FakeClock();
  let now: Health = away;
  const informers = [synced, undefined].map((fixed) => ({
    health: () => fixed ?? now,
    hasSynced: () => (fixed ?? now).synced,
  }));
  let ended = 'waits';
  void endlessWait(informers, clock)
    .run(new AbortController().signal)
    .then(
      () => (ended = 'goes on'),
      (error: { code: string; message: string }) => (ended = `${error.code}: ${error.message}`),
    );
  for (const [next, count] of health) {
    now = next;
    await clock.advance(seconds(count));
  }
  return ended;
}

describe('a program that cannot begin', () => {
  it('ends where the kinds are not served, with how to install them', async () => {
    expect(await wait([notServed, 25])).toMatch(
      /^KUBE_KINDS: .*oauthclients.*kubectl apply --server-side -f crds\/$/,
    );
  });

  it('ends where it may not read, with what and who gives it', async () => {
    expect(await wait([forbidden, 25])).toMatch(
      /^KUBE_RIGHTS: .*cannot list resource "oauthissuers".*the chart gives it/,
    );
  });

  it.each([
    ['for an API server that is away, however long', [[away, 3600]], 'waits'],
    [
      'for one that refuses for a moment',
      [
        [forbidden, 15],
        [away, 5],
        [forbidden, 15],
      ],
      'waits',
    ],
    [
      'no longer once all is read',
      [
        [notServed, 15],
        [synced, 2],
      ],
      'goes on',
    ],
  ] as const)('waits %s', async (_, health, expected) => {
    expect(await wait(...health)).toBe(expected);
  });
});
