import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { recordingTracer } from '../../test/fakes/recording-tracer.ts';
import { minutes, seconds } from '../std/duration.ts';
import { type Controller, type ControllerOptions, createController } from './controller.ts';
import { again, done, type Outcome, retry, stuck } from './outcome.ts';

function start(reconcile: ControllerOptions['reconcile'], more: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock();
  const log = recordingLog();
  const metrics = recordingMetrics();
  const calls: string[] = [];
  const controller: Controller = createController({
    name: 'bindings',
    concurrency: 2,
    clock,
    rng: new FakeRng(),
    log,
    metrics,
    reconcile(key, context) {
      calls.push(key);
      return reconcile(key, context);
    },
    ...more,
  });
  const stop = new AbortController();
  const ended = controller.run(stop.signal);
  return { clock, log, metrics, calls, controller, stop, ended };
}
const answering =
  (...outcomes: Outcome[]) =>
  () =>
    Promise.resolve(outcomes.shift() ?? done);
/** Ends only when its signal aborts, as a call does. */
const untilAborted: ControllerOptions['reconcile'] = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

describe('a controller', () => {
  test('comes back when the outcome says so', async () => {
    const { controller, calls, clock, metrics } = start(answering(again(minutes(5)), done));
    controller.enqueue('n/a');
    await clock.advance(minutes(4));
    expect(calls).toHaveLength(1);
    await clock.advance(minutes(60));
    expect(calls).toHaveLength(2);
    expect(metrics.values).toMatchObject({
      'controller_runtime_reconcile_total{bindings,requeue_after}': 1,
      'controller_runtime_reconcile_total{bindings,success}': 1,
    });
  });

  test('tries again what failed, with longer waits, until it works', async () => {
    const failure = retry({ message: 'issuer away' }, 'passing');
    const { controller, calls, clock, log } = start(answering(failure, failure, failure, done));
    controller.enqueue('n/a');
    await clock.advance(minutes(10));
    expect(calls).toHaveLength(4);
    expect(log.lines[0]).toMatchObject({ controller: 'bindings', key: 'n/a', error: 'issuer away' });
    expect(log.lines[0]?.['correlationID']).toMatch(/^0{8}-/);
  });

  test('tells a tracer of each reconcile how it ended, and by which correlation id the log has it', async () => {
    const tracer = recordingTracer();
    const failure = retry({ message: 'made-up-words-of-an-issuer' }, 'passing');
    const { controller, clock, log } = start(answering(failure, stuck({ message: 'no' }), done), { tracer });
    controller.enqueue('acme/api');
    await clock.advance(minutes(1));
    controller.enqueue('cluster-wide');
    await clock.advance(seconds(1));
    expect(tracer.ended.map(({ title }) => title)).toEqual(Array(3).fill('reconcile bindings'));
    expect(tracer.ended.map(({ attributes }) => attributes)).toMatchObject([
      {
        'k8s.namespace.name': 'acme',
        'grantor.object.name': 'api',
        'grantor.correlation_id': log.lines[0]?.['correlationID'],
        'grantor.outcome': 'retry',
        'error.type': 'passing',
      },
      { 'grantor.outcome': 'stuck', 'error.type': 'stuck' },
      { 'k8s.namespace.name': undefined, 'grantor.object.name': 'cluster-wide', 'grantor.outcome': 'done' },
    ]);
    expect(JSON.stringify(tracer.ended)).not.toContain('made-up-words');
  });

  test('does not come back sooner than a server asked', async () => {
    const { controller, calls, clock } = start(
      answering(retry({ message: 'throttled' }, 'passing', { atLeast: minutes(2) }), done),
    );
    controller.enqueue('n/a');
    await clock.advance(seconds(119));
    expect(calls).toHaveLength(1);
    await clock.advance(seconds(2));
    expect(calls).toHaveLength(2);
  });

  test('comes back when a key is due, however often it failed', async () => {
    const failures = Array.from({ length: 20 }, () =>
      retry({ message: 'no right' }, 'lasting', { due: seconds(9) }),
    );
    const { controller, calls, clock } = start(answering(...failures, done));
    controller.enqueue('n/a');
    await clock.advance(seconds(100));
    expect(calls.length).toBeGreaterThanOrEqual(11);
  });

  test('leaves what is stuck alone until something changes', async () => {
    const { controller, calls, clock } = start(answering(stuck({ message: 'refused' }), done));
    controller.enqueue('n/a');
    await clock.advance(minutes(60));
    expect(calls).toHaveLength(1);
    controller.enqueue('n/a');
    await clock.advance(seconds(1));
    expect(calls).toHaveLength(2);
  });

  test('survives a reconcile that throws, and tries again', async () => {
    let isFirst = true;
    const { controller, calls, clock, metrics, log } = start(() => {
      if (!isFirst) return Promise.resolve(done);
      isFirst = false;
      throw new Error('a bug');
    });
    controller.enqueue('n/a');
    await clock.advance(minutes(1));
    expect(calls).toHaveLength(2);
    expect(metrics.values['controller_runtime_reconcile_panics_total{bindings}']).toBe(1);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', error: 'a bug' }));
  });

  test('does not come back for what its own work has changed and looked at again', async () => {
    const { controller, calls, clock } = start(async (key, context) => {
      controller.enqueue(key);
      context.catchUp();
      return done;
    });
    controller.enqueue('n/a');
    await clock.advance(minutes(1));
    expect(calls).toEqual(['n/a']);
  });

  test('works on as many keys at a time as it may, and on each only once at a time', async () => {
    const { controller, calls, clock } = start(untilAborted, { timeout: minutes(1) });
    for (const key of ['n/a', 'n/b', 'n/c', 'n/a']) controller.enqueue(key);
    await clock.advance(seconds(30));
    expect(calls).toEqual(['n/a', 'n/b']);
    controller.enqueue('n/a');
    await clock.advance(seconds(30));
    expect(calls.slice(2).sort()).toEqual(['n/a', 'n/c']);
  });

  test('keeps workers for what does not linger, and comes back to what had to wait for that', async () => {
    const ends = new Map<string, () => void>();
    const lingered: string[] = [];
    const { controller, calls, clock } = start(
      (key, context) => {
        if (!key.startsWith('slow/') || !context.mayLinger()) return Promise.resolve(done);
        lingered.push(key);
        return new Promise((resolve) => ends.set(key, () => resolve(done)));
      },
      { lingering: 1 },
    );
    for (const key of ['slow/a', 'slow/b', 'slow/c', 'n/a', 'n/b']) controller.enqueue(key);
    await clock.settle();
    expect([calls, lingered]).toEqual([['slow/a', 'slow/b', 'slow/c', 'n/a', 'n/b'], ['slow/a']]);
    for (const key of ['slow/a', 'slow/b', 'slow/c']) {
      ends.get(key)?.();
      await clock.settle();
    }
    expect(lingered).toEqual(['slow/a', 'slow/b', 'slow/c']);
  });

  test('goes on with other keys when one ignores that its time is up, and never works on that one twice at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { controller, calls, clock, metrics } = start(
      (key) => (key === 'n/a' ? promise : Promise.resolve(done)),
      {
        concurrency: 1,
      },
    );
    controller.enqueue('n/a');
    await clock.settle();
    controller.enqueue('n/a');
    controller.enqueue('n/b');
    await clock.advance(seconds(64));
    expect(calls).toEqual(['n/a']);
    await clock.advance(seconds(1));
    expect(calls).toEqual(['n/a', 'n/b']);
    expect(metrics.values['controller_runtime_reconcile_timeouts_total{bindings}']).toBe(1);
    resolve(done);
    await clock.settle();
    expect(calls).toEqual(['n/a', 'n/b', 'n/a']);
  });

  test('drops what it does when told to stop, and does it over in its next run', async () => {
    const { controller, calls, clock, stop, ended } = start(untilAborted);
    controller.enqueue('n/a');
    await clock.settle();
    stop.abort();
    await ended;
    expect([calls.length, controller.depth]).toEqual([1, 1]);
    const second = new AbortController();
    const rerun = controller.run(second.signal);
    await clock.settle();
    expect(calls).toEqual(['n/a', 'n/a']);
    second.abort();
    await rerun;
  });

  test('finishes what it has in hand when it drains, and takes nothing new', async () => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const { controller, calls, clock, ended } = start(() => promise);
    controller.enqueue('n/a');
    await clock.settle();
    const drained = controller.drain();
    controller.enqueue('n/b');
    resolve(done);
    await Promise.all([drained, ended]);
    expect([calls, controller.depth, clock.pending]).toEqual([['n/a'], 1, 0]);
  });

  test('looks at each key once in each resync period, spread over it', async () => {
    const keys = Array.from({ length: 50 }, (_, i) => `n/${i}`);
    const { calls, clock } = start(answering(), { resync: { every: minutes(10), keys: () => keys } });
    await clock.advance(minutes(15));
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.length).toBeLessThan(40);
    await clock.advance(minutes(5));
    expect([...new Set(calls)]).toHaveLength(50);
    expect(calls).toHaveLength(50);
  });
});
