import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { createWorkQueue, type Priority, priorities } from './work-queue.ts';

const backoff = { initial: seconds(1), max: seconds(60) };
const never = new AbortController().signal;

function setUp() {
  const clock = new FakeClock();
  const metrics = recordingMetrics();
  const queue = createWorkQueue({ name: 'q', clock, backoff, metrics });
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

  test('waits longer after each failure in a row, at least as long as asked, and forgets', () => {
    const { queue } = setUp();
    const waits = Array.from({ length: 8 }, () => queue.retry('n/a') / 1000);
    waits.forEach((wait, i) => {
      const full = Math.min(60, 2 ** i);
      expect(wait).toBeGreaterThan(full * 0.74);
      expect(wait).toBeLessThanOrEqual(full);
    });
    queue.forget('n/a');
    expect(queue.retry('n/a')).toBeLessThanOrEqual(seconds(1));
    expect(queue.retry('n/b', seconds(90))).toBe(seconds(90));
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

  test('loses no key and works on none twice at a time, whatever happens', async () => {
    type Command =
      | ['add', string, Priority, number]
      | ['take']
      | ['done']
      | ['retry', string]
      | ['advance', number];
    const key = fc.constantFrom('a/1', 'a/2', 'b/1', 'c');
    const command = fc.oneof(
      fc.tuple(
        fc.constant('add' as const),
        key,
        fc.constantFrom(...priorities),
        fc.constantFrom(0, 0, 500, 5000),
      ),
      fc.tuple(fc.constant('take' as const)),
      fc.tuple(fc.constant('done' as const)),
      fc.tuple(fc.constant('retry' as const), key),
      fc.tuple(fc.constant('advance' as const), fc.integer({ min: 0, max: 6000 })),
    ) as fc.Arbitrary<Command>;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
        const { clock, queue } = setUp();
        const working: string[] = [];
        /** Keys that were asked for and not begun since. */
        const owed = new Set<string>();
        const take = async (): Promise<void> => {
          const taken = (await queue.take(never)) ?? '';
          expect(working).not.toContain(taken);
          expect(owed).toContain(taken);
          owed.delete(taken);
          working.push(taken);
        };
        for (const [what, ...rest] of commands) {
          if (what === 'add') {
            const [name, priority, after] = rest as [string, Priority, number];
            queue.add(name, { priority, after: milliseconds(after) });
            owed.add(name);
          } else if (what === 'retry') {
            queue.retry(rest[0] as string);
            owed.add(rest[0] as string);
          } else if (what === 'advance') await clock.advance(milliseconds(rest[0] as number));
          else if (what === 'done' && working.length > 0) queue.done(working.shift() ?? '');
          else if (what === 'take' && queue.depth > 0) await take();
        }
        for (let round = 0; round < 3; round += 1) {
          for (const name of working.splice(0)) queue.done(name);
          await clock.advance(minutes(2));
          while (queue.depth > 0) await take();
        }
        expect([...owed]).toEqual([]);
        for (const name of working.splice(0)) queue.done(name);
        expect([queue.depth, clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});
