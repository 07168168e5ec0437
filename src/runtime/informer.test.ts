import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { Stored } from '../kube/objects.ts';
import type { WatchEvent } from '../kube/watch-stream.ts';
import { seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { createInformer } from './informer.ts';
import type { ListWatch } from './list-watch.ts';
import type { StoreRecord } from './store.ts';

type Event = Result<WatchEvent, KubeFailure> | 'end';

const raw = (name: string, version: number, labels: Record<string, string> = {}): Stored => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { namespace: 'n', name, uid: `uid-${name}`, resourceVersion: String(version), labels },
});
const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored): Event => ok({ type, object });
const bookmark = (version: number, initialEventsEnd = false): Event =>
  ok({ type: 'BOOKMARK', resourceVersion: String(version), initialEventsEnd });
const failure = (kind: KubeFailure['kind']): { ok: false; error: KubeFailure } =>
  err({ kind, message: kind });

/** An API server by script: what lists answer in turn, and a watch that a test feeds by hand. Without lists it can stream. */
function fakeServer(lists: (Result<Stored[], KubeFailure> & { version?: number })[] | 'streams') {
  const calls: string[] = [];
  const opens: Result<undefined, KubeFailure>[] = [];
  let feed: ((event: Event) => void) | undefined;
  const listWatch: ListWatch = {
    async *list() {
      calls.push('list');
      const list = (lists === 'streams' ? undefined : lists.shift()) ?? failure('unavailable');
      if (!list.ok) return yield list;
      yield ok({ items: list.value, resourceVersion: String(list.version ?? 10), malformed: 0 });
    },
    watch(from, _, signal) {
      if (from === undefined && lists !== 'streams') return Promise.resolve(failure('invalid'));
      calls.push(from === undefined ? 'stream' : `watch ${from}`);
      const answer = opens.shift();
      if (answer !== undefined && !answer.ok) return Promise.resolve(answer);
      const queue: Event[] = [];
      let wake = (): void => {};
      feed = (next) => {
        queue.push(next);
        wake();
      };
      signal.addEventListener('abort', () => feed?.(failure('unavailable')));
      const stream = async function* () {
        for (;;) {
          const next = queue.shift();
          if (next === 'end') return;
          if (next !== undefined) yield next;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      };
      return Promise.resolve(ok(stream()));
    },
  };
  return { calls, opens, listWatch, send: (...events: Event[]) => events.forEach((next) => feed?.(next)) };
}

async function start(lists: Parameters<typeof fakeServer>[0], onChange?: () => void) {
  const server = fakeServer(lists);
  const clock = new FakeClock();
  const log = recordingLog();
  const metrics = recordingMetrics();
  const informer = createInformer<StoreRecord>({
    name: 'things',
    listWatch: server.listWatch,
    transform({ metadata: { name, uid, resourceVersion, labels } }) {
      if (labels?.['bad'] !== undefined) throw new Error('not readable');
      return { namespace: 'n', name, uid, resourceVersion };
    },
    clock,
    rng: new FakeRng(),
    log,
    metrics,
  });
  const changes: string[] = [];
  if (onChange !== undefined) informer.onChange(onChange);
  informer.onChange(({ key, previous, current }) => {
    changes.push(`${key} ${previous?.resourceVersion ?? '-'}>${current?.resourceVersion ?? '-'}`);
  });
  const stop = new AbortController();
  const ended = informer.run(stop.signal);
  await clock.advance(seconds(0));
  return { ...server, clock, log, metrics, informer, changes, stop, ended };
}

describe('an informer', () => {
  test('lists, watches from there, and says what changed', async () => {
    const { informer, changes, calls, send, clock } = await start([ok([raw('a', 1), raw('b', 2)])]);
    expect(informer.health()).toEqual({ synced: true, problem: undefined });
    send(event('ADDED', raw('c', 11)), event('MODIFIED', raw('a', 12)), event('DELETED', raw('b', 13)));
    await clock.settle();
    expect(changes).toEqual(['n/a ->1', 'n/b ->2', 'n/c ->11', 'n/a 1>12', 'n/b 2>-']);
    expect(calls).toEqual(['list', 'watch 10']);
  });

  test('watches on from the last version that it heard, bookmarks included', async () => {
    const { calls, send, clock } = await start([ok([])]);
    send(event('ADDED', raw('a', 11)), bookmark(20), 'end');
    await clock.settle();
    send(failure('unavailable'));
    await clock.advance(seconds(2));
    expect(calls).toEqual(['list', 'watch 10', 'watch 20', 'watch 20']);
  });

  test('ignores events that were told before, so that nothing deleted comes back', async () => {
    const { informer, send, clock } = await start([ok([])]);
    send(event('ADDED', raw('a', 11)), event('DELETED', raw('a', 12)), event('ADDED', raw('a', 11)));
    await clock.settle();
    expect(informer.store.size).toBe(0);
  });

  test('lists once again when its version is forgotten, and finds what it missed', async () => {
    const second = { ...ok([raw('b', 30)]), version: 40 };
    const { informer, changes, calls, send, clock } = await start([ok([raw('a', 1)]), second]);
    send(failure('gone'));
    await clock.advance(seconds(3));
    expect(changes).toEqual(['n/a ->1', 'n/a 1>-', 'n/b ->30']);
    expect(calls).toEqual(['list', 'watch 10', 'list', 'watch 40']);
    expect(informer.hasSynced()).toBe(true);
  });

  test('keeps trying when the API server is away at the start, and says so', async () => {
    const away = Array.from({ length: 5 }, () => failure('unavailable'));
    const { informer, clock, metrics, log } = await start([...away, ok([raw('a', 1)])]);
    expect(informer.health()).toEqual({ synced: false, problem: 'unavailable', failure: 'unavailable' });
    await clock.advance(seconds(60));
    await informer.synced;
    expect(informer.health()).toEqual({ synced: true, problem: undefined });
    expect(metrics.values).toMatchObject({
      'reflector_failures_total{things,unavailable}': 5,
      'informer_objects{things}': 1,
    });
    expect(log.lines.at(-1)).toMatchObject({ message: 'list or watch works again' });
  });

  test('notices within 90 s that a watch has died, and does not list for it', async () => {
    const { calls, clock, send } = await start([ok([])]);
    await clock.advance(seconds(70));
    send(bookmark(15));
    await clock.advance(seconds(79));
    expect(calls).toEqual(['list', 'watch 10']);
    await clock.advance(seconds(2));
    expect(calls).toEqual(['list', 'watch 10', 'watch 15']);
  });

  test('one object that cannot be read affects only itself', async () => {
    const { informer, metrics, log, send, clock } = await start([
      ok([raw('a', 1), raw('b', 2, { bad: '' }), raw('c', 3)]),
    ]);
    expect([...informer.store.list()].map(({ name }) => name)).toEqual(['a', 'c']);
    send(event('MODIFIED', raw('c', 11, { bad: '' })), event('ADDED', raw('d', 12)));
    await clock.settle();
    expect([...informer.store.list()].map(({ name }) => name)).toEqual(['a', 'd']);
    expect(metrics.values['informer_malformed_objects_total{things}']).toBe(2);
    expect(log.lines).toContainEqual(expect.objectContaining({ key: 'n/b', error: 'not readable' }));
  });

  test('a handler that throws stops neither the others nor the watch', async () => {
    const broken = (): void => {
      throw new Error('broken handler');
    };
    const { changes, metrics, send, clock } = await start([ok([raw('a', 1)])], broken);
    send(event('ADDED', raw('b', 11)));
    await clock.settle();
    expect(changes).toEqual(['n/a ->1', 'n/b ->11']);
    expect(metrics.values['informer_handler_errors_total{things}']).toBe(2);
  });

  test('streams what there is, tells it when it is all there, and goes on from there', async () => {
    const { informer, changes, calls, send, clock } = await start('streams');
    send(event('ADDED', raw('a', 3)), event('ADDED', raw('b', 2)), event('ADDED', raw('c', 4)));
    // What changes meanwhile comes in between.
    send(event('MODIFIED', raw('b', 8)), event('DELETED', raw('c', 9)), bookmark(7));
    await clock.settle();
    expect([changes, informer.hasSynced()]).toEqual([[], false]);
    send(bookmark(10, true));
    await clock.settle();
    expect(changes).toEqual(['n/a ->3', 'n/b ->8']);
    send(event('ADDED', raw('d', 11)), 'end');
    await clock.settle();
    expect(changes.at(-1)).toBe('n/d ->11');
    expect(calls).toEqual(['stream', 'watch 11']);
  });

  test('starts over when a stream breaks before it has told everything, and tells nothing of it', async () => {
    const { informer, changes, calls, send, clock } = await start('streams');
    send(event('ADDED', raw('a', 3)), failure('unavailable'));
    await clock.advance(seconds(2));
    expect([changes, informer.health().synced]).toEqual([[], false]);
    send(event('ADDED', raw('b', 12)), bookmark(12, true));
    await clock.settle();
    expect(changes).toEqual(['n/b ->12']);
    send('end');
    await clock.settle();
    expect(calls).toEqual(['stream', 'stream', 'watch 12']);
  });

  test('streams again when its version is forgotten, and finds what it missed', async () => {
    const { changes, calls, send, clock } = await start('streams');
    send(event('ADDED', raw('a', 3)), bookmark(10, true), failure('gone'));
    await clock.advance(seconds(2));
    expect(changes).toEqual(['n/a ->3']);
    send(event('ADDED', raw('b', 12)), bookmark(12, true));
    await clock.settle();
    expect(changes).toEqual(['n/a ->3', 'n/a 3>-', 'n/b ->12']);
    expect(calls).toEqual(['stream', 'stream']);
  });

  test('lists when its server has gone back: what a restored one tells under old versions is not old', async () => {
    const restored = { ...ok([raw('b', 3)]), version: 5 };
    const { informer, changes, calls, send, clock } = await start([ok([raw('a', 9)]), restored]);
    send(bookmark(5));
    await clock.advance(seconds(2));
    expect(changes).toEqual(['n/a ->9', 'n/a 9>-', 'n/b ->3']);
    send(event('MODIFIED', raw('b', 6)));
    await clock.settle();
    expect(informer.store.get('n/b')?.resourceVersion).toBe('6');
    expect(calls).toEqual(['list', 'watch 10', 'list', 'watch 5']);
  });

  test('lists at once when it is told that its server was restored, also when it waits', async () => {
    const restored = { ...ok([raw('b', 3)]), version: 5 };
    const { informer, changes, calls, send, clock } = await start([ok([raw('a', 9)]), restored, ok([])]);
    informer.relist();
    await clock.settle();
    expect(changes).toEqual(['n/a ->9', 'n/a 9>-', 'n/b ->3']);
    send(failure('unavailable'));
    await clock.settle();
    informer.relist();
    await clock.settle();
    expect(calls).toEqual(['list', 'watch 10', 'list', 'watch 5', 'list', 'watch 10']);
    expect(informer.health().problem).toBeUndefined();
  });

  test('takes that list for the truth, whatever it wrote itself that no watch has confirmed', async () => {
    const restored = { ...ok([raw('a', 9)]), version: 15 };
    const { informer, clock } = await start([ok([raw('a', 9)]), restored]);
    informer.observe(raw('a', 20));
    informer.relist();
    await clock.settle();
    expect(informer.store.get('n/a')?.resourceVersion).toBe('9');
  });

  test('knows when it last heard of the server: a list, an event or a bookmark, and nothing that failed', async () => {
    const { informer, send, clock, metrics } = await start([ok([])]);
    const listedAt = clock.now();
    expect(informer.heardAt()).toBe(listedAt);
    await clock.advance(seconds(30));
    expect(informer.heardAt()).toBe(listedAt);
    send(bookmark(11));
    await clock.settle();
    expect(informer.heardAt()).toBe(clock.now());
    const lastHeard = clock.now();
    send(failure('unavailable'));
    await clock.advance(seconds(1));
    expect(informer.heardAt()).toBe(lastHeard);
    expect(metrics.values['informer_heard_timestamp_seconds{things}']).toBe(lastHeard / 1000);
  });

  test('ends when it is told to, and leaves neither a timer nor a time that grows old behind', async () => {
    const { stop, ended, clock, metrics } = await start([ok([])]);
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
    expect(Object.keys(metrics.values).filter((name) => name.startsWith('informer_'))).toEqual([]);
  });
});
