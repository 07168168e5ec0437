import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { Stored } from '../kube/objects.ts';
import { minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { err, ok } from '../std/result.ts';
import { createLeaderElector, type Term } from './leader.ts';
import type { Lease } from './lease.ts';

const failure = (kind: KubeFailure['kind']) => err({ kind, message: kind });

/** One Lease, with the server's preconditions. `away` makes it unreachable, `deaf` loses answers of writes that it makes. */
function leaseServer() {
  const server = {
    lease: undefined as Stored<Lease> | undefined,
    writes: 0,
    away: new Set<string>(),
    deaf: false,
    /** Whether a write fits what is stored. */
    accepts: (lease: Stored<Lease>): boolean =>
      lease.metadata.resourceVersion === server.lease?.metadata.resourceVersion,
    clientOf: (who: string) => {
      const reach = <T>(run: () => T) =>
        Promise.resolve(server.away.has(who) ? failure('unavailable') : run());
      const store = (lease: Lease): Stored<Lease> => {
        server.writes += 1;
        const metadata = { ...lease.metadata, uid: 'u', resourceVersion: String(server.writes) };
        server.lease = { ...lease, metadata };
        return server.lease;
      };
      const answer = (lease: Stored<Lease>) => (server.deaf ? failure('unavailable') : ok(lease));
      const client = {
        get: () => reach(() => (server.lease === undefined ? failure('notFound') : ok(server.lease))),
        create: (_: unknown, lease: Lease) =>
          reach(() => (server.lease === undefined ? answer(store(lease)) : failure('alreadyExists'))),
        replace: (_: unknown, lease: Stored<Lease>) =>
          reach(() => (server.accepts(lease) ? answer(store(lease)) : failure('conflict'))),
      };
      return client as unknown as Pick<KubeClient, 'get' | 'create' | 'replace'>;
    },
  };
  return server;
}

function setUp() {
  const clock = new FakeClock();
  const server = leaseServer();
  const metrics = recordingMetrics();
  const candidate = (identity: string) => {
    const stop = new AbortController();
    const elector = createLeaderElector({
      client: server.clientOf(identity),
      namespace: 'grantor-system',
      name: 'controller',
      identity,
      clock,
      rng: new FakeRng(0),
      log: recordingLog(),
      metrics,
    });
    const state = { term: undefined as Term | undefined };
    void elector.acquire(stop.signal).then((term) => {
      state.term = term;
    });
    const seen = { restored: 0 };
    elector.onRestored(() => {
      seen.restored += 1;
    });
    const leads = (): boolean => state.term !== undefined && !state.term.signal.aborted;
    return { elector, state, leads, stop, seen };
  };
  return { clock, server, metrics, candidate };
}

describe('leader election', () => {
  test('creates the lease, and writes nothing else than its renewals', async () => {
    const { clock, server, candidate, metrics } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(20));
    expect(a.leads()).toBe(true);
    expect(server.writes).toBe(1 + 10);
    expect(server.lease?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 12,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:20.000000Z',
      leaseTransitions: 0,
    });
    expect(metrics.values['leader_election_master_status{controller}']).toBe(1);
  });

  test('has one leader at a time, and the next within 2 s after the lease was given back', async () => {
    const { clock, server, candidate } = setUp();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(minutes(5));
    expect([a.leads(), b.leads()]).toEqual([true, false]);
    const released = a.state.term?.release();
    await clock.settle();
    await released;
    expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await clock.advance(seconds(2));
    expect([a.leads(), b.leads()]).toEqual([false, true]);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('takes the lease of a leader that died, after 12 s and within 17 s', async () => {
    const { clock, server, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(3));
    const b = candidate('b');
    await clock.advance(seconds(10));
    server.away.add('a');
    await clock.advance(seconds(10));
    expect(b.leads()).toBe(false);
    await clock.advance(seconds(6));
    expect([a.leads(), b.leads()]).toEqual([false, true]);
  });

  test('a leader that cannot renew stops 8 s after its last renewal, before anyone else begins', async () => {
    const { clock, server, candidate } = setUp();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(seconds(10));
    server.away.add('a');
    await clock.advance(seconds(7));
    expect([a.leads(), a.elector.status().problem]).toEqual([true, 'unavailable']);
    await clock.advance(seconds(1));
    expect([a.leads(), b.leads()]).toEqual([false, false]);
  });

  test('a leader whose answer was lost recognizes its own renewal', async () => {
    const { clock, server, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(3));
    server.deaf = true;
    await clock.advance(seconds(2));
    server.deaf = false;
    await clock.advance(seconds(60));
    expect(a.leads()).toBe(true);
  });

  test('a leader goes on while somebody else writes to its lease and leaves it the holder, but not for ever', async () => {
    const { clock, server, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(3));
    const { accepts } = server;
    server.accepts = () => false;
    await clock.advance(seconds(5));
    expect(a.leads()).toBe(true);
    server.accepts = accepts;
    await clock.advance(seconds(60));
    expect(a.leads()).toBe(true);
    server.accepts = () => false;
    await clock.advance(seconds(9));
    expect(a.leads()).toBe(false);
  });

  test('a leader that sees another as holder stops at once', async () => {
    const { clock, server, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(3));
    const spec = { ...server.lease?.spec, holderIdentity: 'thief' };
    server.lease = {
      ...server.lease!,
      metadata: { ...server.lease!.metadata, resourceVersion: '999' },
      spec,
    };
    await clock.advance(seconds(2));
    expect(a.leads()).toBe(false);
  });

  test.each([minutes(10), minutes(-10)])(
    'does not change hands when the clock is set by %d ms',
    async (by) => {
      const { clock, candidate } = setUp();
      const [a, b] = [candidate('a'), candidate('b')];
      await clock.advance(seconds(10));
      clock.jump(plus(clock.now(), by));
      await clock.advance(minutes(1));
      expect([a.leads(), b.leads()]).toEqual([true, false]);
    },
  );

  test('believes no time that another wrote', async () => {
    const { clock, server, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(seconds(3));
    a.stop.abort();
    server.away.add('a');
    const spec = { ...server.lease?.spec, renewTime: '1999-01-01T00:00:00.000000Z' };
    server.lease = { ...server.lease!, spec };
    const b = candidate('b');
    await clock.advance(seconds(11));
    expect(b.leads()).toBe(false);
    await clock.advance(seconds(4));
    expect(b.leads()).toBe(true);
  });

  test('stops waiting when told to, and leaves no timer behind', async () => {
    const { clock, candidate } = setUp();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(seconds(10));
    b.stop.abort();
    const released = a.state.term?.release();
    await clock.settle();
    await released;
    expect([b.leads(), clock.pending]).toEqual([false, 0]);
  });

  test('says once when the server was restored, to who leads and to who waits, and never otherwise', async () => {
    const { clock, server, candidate } = setUp();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(seconds(20));
    const backup = { lease: server.lease, writes: server.writes };
    await clock.advance(minutes(1));
    expect([a.seen.restored, b.seen.restored]).toEqual([0, 0]);
    Object.assign(server, backup);
    await clock.advance(seconds(3));
    expect([a.seen.restored, b.seen.restored]).toEqual([1, 1]);
    await clock.advance(minutes(1));
    expect([a.seen.restored, b.seen.restored]).toEqual([1, 1]);
    expect(a.leads()).toBe(true);
  });
});
