import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { hours, milliseconds, minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import type { RetryCause } from './outcome.ts';
import { createWorkQueue, type Priority } from './work-queue.ts';

const never = new AbortController().signal;

function setUp() {
  const clock = new FakeClock();
  const metrics = recordingMetrics();
  const queue = createWorkQueue({ name: 'q', clock, metrics });
  /** Everything that is ready, in order. */
  const takeAll = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (queue.depth > 0) taken.push((await queue.take(never)) ?? '');
    return taken;
  };
  return { clock, metrics, queue, takeAll };
}

describe('a work queue', () => {
  test('hands out a key once, however often it was added', async () => {
    const { queue, takeAll } = setUp();
    for (let i = 0; i < 5; i += 1) queue.add('n/a');
    expect(await takeAll()).toEqual(['n/a']);
  });

  test('hands out a key that was added while it was worked on once more, afterwards', async () => {
    const { queue, takeAll } = setUp();
    queue.add('n/a');
    await queue.take(never);
    queue.add('n/a');
    queue.add('n/a');
    expect(queue.depth).toBe(0);
    queue.done('n/a');
    expect(await takeAll()).toEqual(['n/a']);
    queue.done('n/a');
    expect(queue.depth).toBe(0);
  });

  test('hands out a key no more for what came before its worker read afresh, but for what came after', async () => {
    const { queue, takeAll } = setUp();
    queue.add('n/a');
    await queue.take(never);
    queue.add('n/a');
    queue.catchUp('n/a');
    queue.done('n/a');
    expect(queue.depth).toBe(0);
    queue.add('n/a');
    await queue.take(never);
    queue.catchUp('n/a');
    queue.add('n/a');
    queue.done('n/a');
    expect(await takeAll()).toEqual(['n/a']);
  });

  test('puts what a user changed before what is due, and that before what is looked at again', async () => {
    const { queue, takeAll } = setUp();
    queue.add('n/resync', { priority: 'resync' });
    queue.add('n/due', { priority: 'due' });
    queue.add('n/promoted', { priority: 'resync' });
    queue.add('n/change');
    queue.add('n/promoted', { priority: 'change' });
    queue.add('n/change', { priority: 'resync' });
    expect(await takeAll()).toEqual(['n/change', 'n/promoted', 'n/due', 'n/resync']);
  });

  test.each<[Priority, number]>([
    ['due', 4],
    ['resync', 16],
  ])(
    'hands out what is %s as one of %d, in spite of a thousand changes, its own too',
    async (priority, of) => {
      const { clock, queue } = setUp();
      queue.add('n/own', { after: seconds(1), priority });
      for (let n = 0; n < 1000; n++) queue.add(`n/${n}`);
      queue.add('n/own');
      queue.add('n/other', { priority });
      await clock.advance(seconds(1));
      const taken: (string | undefined)[] = [];
      while (taken.length < 2 * of) taken.push(await queue.take(never));
      expect(taken.slice(0, of)).toContain('n/other');
      expect(taken).toContain('n/own');
    },
  );

  test('takes namespaces in turn', async () => {
    const { queue, takeAll } = setUp();
    for (const key of ['noisy/1', 'noisy/2', 'noisy/3', 'quiet/1', 'cluster-scoped']) queue.add(key);
    expect(await takeAll()).toEqual(['noisy/1', 'quiet/1', 'cluster-scoped', 'noisy/2', 'noisy/3']);
  });

  test('keeps the earliest of several times', async () => {
    const { clock, queue } = setUp();
    queue.add('n/a', { after: seconds(10) });
    queue.add('n/a', { after: seconds(5) });
    queue.add('n/a', { after: seconds(20) });
    await clock.advance(seconds(4));
    expect(queue.depth).toBe(0);
    await clock.advance(seconds(1));
    expect(await queue.take(never)).toBe('n/a');
    queue.done('n/a');
    await clock.advance(minutes(5));
    expect(queue.depth).toBe(0);
  });

  test('drops the later time when a key is added for now', async () => {
    const { clock, queue, takeAll } = setUp();
    queue.add('n/a', { after: seconds(10) });
    queue.add('n/a');
    expect(await takeAll()).toEqual(['n/a']);
    queue.done('n/a');
    await clock.advance(minutes(1));
    expect(queue.depth).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test.each([minutes(10), minutes(-10)])(
    'waits as long as asked when the clock is set by %d ms',
    async (by) => {
      const { clock, queue } = setUp();
      queue.add('n/a', { after: seconds(10) });
      clock.jump(plus(clock.now(), by));
      await clock.advance(seconds(9));
      expect(queue.depth).toBe(0);
      await clock.advance(seconds(1));
      expect(queue.depth).toBe(1);
    },
  );

  test.each([minutes(10), hours(8)])(
    'hands out within 30 s what is late by the machine, when its clock was set forward or it slept, by %d ms',
    async (by) => {
      const { clock, queue } = setUp();
      queue.add('n/late', { after: minutes(9) });
      queue.add('n/not-yet', { after: milliseconds(by + minutes(5)) });
      clock.jump(plus(clock.now(), by));
      await clock.advance(seconds(30));
      expect(queue.depth).toBe(1);
      expect(await queue.take(never)).toBe('n/late');
      await clock.advance(minutes(4));
      expect(queue.depth).toBe(0);
      await clock.advance(minutes(1));
      expect(await queue.take(never)).toBe('n/not-yet');
    },
  );

  test('a clock that is set back makes nobody wait longer', async () => {
    const { clock, queue } = setUp();
    queue.add('n/a', { after: minutes(9) });
    clock.jump(plus(clock.now(), minutes(-10)));
    await clock.advance(minutes(9));
    expect(queue.depth).toBe(1);
  });

  test.each<[RetryCause, number, number]>([
    ['passing', 0.5, 60],
    ['lasting', 5, 600],
    ['defect', 1, 300],
  ])('waits longer after each %s failure in a row, from %d s to %d s', (cause, first, most) => {
    const { queue } = setUp();
    const waits = Array.from({ length: 12 }, () => queue.retry('n/a', cause) / 1000);
    waits.forEach((wait, i) => {
      const full = Math.min(most, first * 2 ** i);
      expect(wait).toBeGreaterThan(full * 0.74);
      expect(wait).toBeLessThanOrEqual(full);
    });
    queue.forget('n/a');
    expect(queue.retry('n/a', cause)).toBeLessThanOrEqual(seconds(first));
  });

  test('waits at least as long as asked, and counts failures of all causes together', () => {
    const { queue } = setUp();
    expect(queue.retry('n/b', 'passing', seconds(90))).toBe(seconds(90));
    expect(queue.retry('n/b', 'defect')).toBeGreaterThan(seconds(1));
  });

  test('wakes who waits, one for each key, and lets go who stops waiting', async () => {
    const { queue } = setUp();
    const stop = new AbortController();
    const waiting = [queue.take(never), queue.take(stop.signal), queue.take(never)];
    stop.abort();
    queue.add('n/a');
    queue.add('n/b');
    expect(await Promise.all(waiting)).toEqual(['n/a', undefined, 'n/b']);
    expect(await queue.take(stop.signal)).toBeUndefined();
  });

  test('counts what waits', async () => {
    const { queue, metrics } = setUp();
    queue.add('n/a', { priority: 'due' });
    queue.add('n/a', { priority: 'change' });
    expect(metrics.values).toMatchObject({ 'workqueue_depth{q,change}': 1, 'workqueue_depth{q,due}': 0 });
    await queue.take(never);
    expect(metrics.values).toMatchObject({ 'workqueue_depth{q,change}': 0, 'workqueue_adds_total{q}': 1 });
  });
});
