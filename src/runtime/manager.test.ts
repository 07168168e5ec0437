import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { seconds } from '../std/duration.ts';
import type { InformerHealth } from './informer.ts';
import type { LeaderElector, Term } from './leader.ts';
import { createManager, type ManagerOptions } from './manager.ts';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

function setUp(more: Partial<ManagerOptions> = {}) {
  const clock = new FakeClock();
  const events: string[] = [];
  const part = (name: string) => ({
    name,
    async run(signal: AbortSignal) {
      events.push(`${name} starts`);
      await aborted(signal);
      events.push(`${name} stops`);
    },
  });
  const { promise: synced, resolve: sync } = Promise.withResolvers<void>();
  const health: { now: InformerHealth } = { now: { synced: false, problem: undefined } };
  const informer = {
    ...part('informer'),
    synced,
    health: () => health.now,
    relist: () => void events.push('informer lists'),
  };
  const drained = Promise.withResolvers<void>();
  const controller = {
    ...part('controller'),
    drain() {
      events.push('controller drains');
      return drained.promise;
    },
  };
  const lost: AbortController[] = [];
  let tellRestored = (): void => {};
  const elector: LeaderElector = {
    onRestored(handler) {
      tellRestored = handler;
    },
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      events.push('leads');
      const term = new AbortController();
      lost.push(term);
      const result: Term = {
        signal: term.signal,
        release() {
          events.push('lease given back');
          return Promise.resolve();
        },
      };
      return Promise.resolve(result);
    },
    status: () => ({ leading: true, holder: 'a', problem: undefined }),
  };
  const manager = createManager({
    servers: [part('server')],
    informers: [informer],
    elector,
    controllers: [controller],
    clock,
    log: recordingLog(),
    ...more,
  });
  const stop = new AbortController();
  const ended = manager.run(stop.signal);
  return { clock, events, manager, health, sync, drained, lost, tellRestored, stop, ended };
}

describe('a manager', () => {
  test('starts in order, and stops in the reverse order', async () => {
    const { clock, events, manager, sync, drained, stop, ended } = setUp();
    await clock.settle();
    expect(events).toEqual(['server starts', 'informer starts']);
    sync();
    await clock.settle();
    expect([events.splice(2), manager.leading]).toEqual([['leads', 'controller starts'], true]);
    stop.abort();
    await clock.settle();
    drained.resolve();
    await ended;
    expect(events.splice(2)).toEqual([
      'controller drains',
      'controller stops',
      'lease given back',
      'informer stops',
      'server stops',
    ]);
    expect(clock.pending).toBe(0);
  });

  test('cuts off work that does not end in time', async () => {
    const { clock, events, sync, stop, ended } = setUp();
    sync();
    await clock.settle();
    stop.abort();
    await clock.advance(seconds(9));
    expect(events.at(-1)).toBe('controller drains');
    await clock.advance(seconds(1));
    await ended;
    expect(events).toContain('controller stops');
  });

  test('cuts off the controllers at once when leadership is lost, and starts them again when it is back', async () => {
    const { clock, events, sync, lost } = setUp();
    sync();
    await clock.settle();
    lost[0]?.abort();
    await clock.settle();
    expect(events.slice(4)).toEqual(['controller stops', 'lease given back', 'leads', 'controller starts']);
  });

  test('has all informers list when the lease shows that the server was restored', async () => {
    const { clock, events, tellRestored } = setUp();
    await clock.settle();
    tellRestored();
    expect(events).toEqual(['server starts', 'informer starts', 'informer lists']);
  });

  test('says what it waits for', async () => {
    const { manager, health, sync, clock, stop } = setUp();
    expect(manager.readiness()).toEqual({ ready: false, reasons: ['waiting for informer to sync'] });
    health.now = { synced: false, problem: 'API server unreachable' };
    expect(manager.readiness().reasons).toEqual(['waiting for informer to sync: API server unreachable']);
    health.now = { synced: true, problem: undefined };
    sync();
    await clock.settle();
    expect(manager.readiness()).toEqual({ ready: true, reasons: [] });
    health.now = { synced: true, problem: 'API server unreachable' };
    expect(manager.readiness().reasons).toEqual(['informer may be out of date: API server unreachable']);
    stop.abort();
  });

  test('stops everything and rejects when a part breaks', async () => {
    const broken = { name: 'probes', run: () => Promise.reject(new Error('port in use')) };
    const { events, ended } = setUp({ servers: [broken] });
    await expect(ended).rejects.toThrow('port in use');
    expect(events).toEqual(['informer starts', 'informer stops']);
  });

  test('stops while it still waits for its first sync', async () => {
    const { events, stop, ended } = setUp();
    stop.abort();
    await ended;
    expect(events).toEqual(['server starts', 'informer starts', 'informer stops', 'server stops']);
  });
});
