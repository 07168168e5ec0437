import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import type { Stored } from '../kube/objects.ts';
import { seconds } from '../std/duration.ts';
import { err, ok } from '../std/result.ts';
import { createInformer } from './informer.ts';
import { createInformerSet } from './informer-set.ts';
import type { ListWatch } from './list-watch.ts';
import type { StoreRecord } from './store.ts';

const raw = (namespace: string, name: string, version = 1): Stored => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { namespace, name, uid: `uid-${namespace}-${name}`, resourceVersion: String(version) },
});

/** Things of several namespaces; a namespace in `away` can't be listed. */
function start(things: Readonly<Record<string, readonly string[]>>, away: ReadonlySet<string> = new Set()) {
  const clock = new FakeClock();
  const watched = new Set<string>();
  const listWatchOf = (namespace: string): ListWatch => ({
    async *list() {
      yield away.has(namespace)
        ? err({ kind: 'forbidden', message: `not in ${namespace}` })
        : ok({
            items: (things[namespace] ?? []).map((name) => raw(namespace, name)),
            resourceVersion: '10',
            malformed: 0,
          });
    },
    watch(from, _, signal) {
      if (from === undefined) return Promise.resolve(err({ kind: 'invalid', message: 'no streams' }));
      watched.add(namespace);
      const ended = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
      });
      const stream = async function* () {
        yield ok({ type: 'BOOKMARK' as const, resourceVersion: '10', initialEventsEnd: false });
        await ended;
        watched.delete(namespace);
      };
      return Promise.resolve(ok(stream()));
    },
  });
  const set = createInformerSet<StoreRecord, 'initial'>({
    name: 'things',
    create: (namespace) =>
      createInformer<StoreRecord, 'initial'>({
        name: 'things',
        listWatch: listWatchOf(namespace),
        transform: ({ metadata: { name, uid, resourceVersion } }) => ({
          namespace,
          name,
          uid,
          resourceVersion,
        }),
        indexes: { initial: ({ name }) => [name.slice(0, 1)] },
        clock,
        rng: new FakeRng(),
        log: recordingLog(),
        metrics: recordingMetrics(),
      }),
  });
  const changes: string[] = [];
  set.onChange(({ key, previous, current }) => {
    changes.push(`${key} ${previous === undefined ? 'came' : current === undefined ? 'went' : 'changed'}`);
  });
  const stop = new AbortController();
  const run = () => set.run(stop.signal);
  return { set, clock, changes, watched, run, stop };
}

describe('informers of a set of namespaces', () => {
  test('look like one', async () => {
    const { set, clock, run } = start({ a: ['x', 'y'], b: ['x'] });
    set.follow(new Set(['a', 'b']));
    void run();
    await clock.settle();
    await set.synced;
    expect(set.store.size).toBe(3);
    expect(set.store.get('b/x')).toMatchObject({ namespace: 'b', name: 'x' });
    expect(set.store.get('c/x')).toBeUndefined();
    expect([...set.store.list()].map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      'a/x',
      'a/y',
      'b/x',
    ]);
    expect(set.store.byIndex('initial', 'x').map(({ namespace }) => namespace)).toEqual(['a', 'b']);
  });

  test('begin with a namespace that joins, and tell what is in one that leaves as gone', async () => {
    const { set, clock, changes, watched, run } = start({ a: ['x'], b: ['y'] });
    set.follow(new Set(['a']));
    void run();
    await clock.settle();
    set.follow(new Set(['b']));
    await clock.settle();
    expect(changes).toEqual(['a/x came', 'a/x went', 'b/y came']);
    expect([...watched]).toEqual(['b']);
    expect(set.store.get('a/x')).toBeUndefined();
  });

  test('leave a namespace that stays alone', async () => {
    const { set, clock, changes, run } = start({ a: ['x'], b: ['y'] });
    set.follow(new Set(['a']));
    void run();
    await clock.settle();
    set.follow(new Set(['a', 'b']));
    await clock.settle();
    expect(changes).toEqual(['a/x came', 'b/y came']);
  });

  test('take answers to writes of our own for the namespaces they follow, and no others', async () => {
    const { set, clock, run } = start({ a: [] });
    set.follow(new Set(['a']));
    void run();
    await clock.settle();
    set.observe(raw('a', 'x', 11));
    set.observe(raw('b', 'x', 11));
    expect([...set.store.list()].map(({ namespace }) => namespace)).toEqual(['a']);
    set.store.forget('a/x', 'uid-a-x');
    expect(set.store.size).toBe(0);
  });

  test('are synced when each of them is, and say what keeps one from it', async () => {
    const { set, clock, run } = start({ a: ['x'] }, new Set(['b']));
    set.follow(new Set(['a', 'b']));
    void run();
    await clock.settle();
    expect(set.health()).toEqual({ synced: false, problem: 'not in b' });
    set.follow(new Set(['a']));
    expect(set.health()).toEqual({ synced: true, problem: undefined });
  });

  test('end when they are told to, and leave no timer behind', async () => {
    const { set, clock, run, stop, watched } = start({ a: ['x'], b: ['y'] });
    set.follow(new Set(['a', 'b']));
    const ended = run();
    await clock.settle();
    stop.abort();
    await ended;
    expect([clock.pending, watched.size]).toEqual([0, 0]);
  });

  test('have synced when those have that are followed, whenever they were entered and whoever was left', async () => {
    const away = new Set(['b']);
    const { set, clock, run } = start({ a: ['x'] }, away);
    const synced: string[] = [];
    void set.synced.then(() => synced.push('synced'));
    set.follow(new Set(['a', 'b']));
    void run();
    await clock.advance(seconds(5));
    expect([synced, set.in('a')?.hasSynced(), set.in('b')?.hasSynced()]).toEqual([[], true, false]);
    set.follow(new Set(['a']));
    await clock.settle();
    expect(synced).toEqual(['synced']);

    set.follow(new Set(['a', 'c']));
    expect([set.hasSynced(), set.in('a')?.hasSynced(), set.in('c')?.hasSynced()]).toEqual([
      false,
      true,
      false,
    ]);
    await clock.settle();
    expect([set.hasSynced(), set.in('c')?.hasSynced(), set.in('b')]).toEqual([true, true, undefined]);
  });

  test('were last heard of when the one was that was heard of least', async () => {
    const { set, clock, run } = start({ a: ['x'], b: [] });
    set.follow(new Set(['a']));
    void run();
    await clock.settle();
    const first = clock.now();
    await clock.advance(seconds(10));
    set.follow(new Set(['a', 'b']));
    expect(set.heardAt()).toBeUndefined();
    await clock.settle();
    expect([set.heardAt(), set.in('b')?.heardAt()]).toEqual([first, clock.now()]);
  });
});
