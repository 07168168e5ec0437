import { describe, expect, test } from 'vitest';
import type { Selection } from '../../src/kube/kube-client.ts';
import type { WatchEvent } from '../../src/kube/watch-stream.ts';
import { seconds } from '../../src/std/duration.ts';
import { collect } from '../fakes/collect.ts';
import {
  aSecret,
  expectOk,
  identityOf,
  type KubeUnderTest,
  kindOf,
  type SecretObject,
  secrets,
  widgets,
} from './kube-client-data.ts';

const told = (event: WatchEvent): string =>
  event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;

/** Watches: from a version, in order, as somebody sees it who sees only some of the objects. */
export function describeWatches(under: () => KubeUnderTest): void {
  const at = (name: string) => ({ namespace: under().namespace, name });
  const created = async (name: string, more: Partial<SecretObject> = {}) =>
    expectOk(await under().client.create<SecretObject>(secrets, aSecret(at(name), more)));
  const deleted = async (name: string, uid: string) =>
    expectOk(await under().client.delete(secrets, at(name), { uid }));
  const versionNow = async (): Promise<string> => {
    const [page] = await collect(
      under().client.list(secrets, { namespace: under().namespace, metadataOnly: true }),
    );
    return page === undefined ? '' : expectOk(page).resourceVersion;
  };
  const watchOf = async (selection: Selection, resourceVersion: string, signal?: AbortSignal) =>
    under().client.watch<SecretObject>(secrets, {
      namespace: under().namespace,
      ...selection,
      resourceVersion,
      lasting: seconds(30),
      signal,
    });

  /** The events of a watch from `version`, until the first one that fits `last`. */
  const eventsUntil = async (
    last: string,
    selection: Selection,
    version: string,
  ): Promise<WatchEvent<SecretObject>[]> => {
    const stop = new AbortController();
    const events: WatchEvent<SecretObject>[] = [];
    for await (const event of expectOk(await watchOf(selection, version, stop.signal))) {
      const value = expectOk(event);
      if (value.type !== 'BOOKMARK') events.push(value);
      if (told(value) === last) break;
    }
    stop.abort();
    return events;
  };

  describe('watch', () => {
    test('tells what came after a version, in order, each object as it was then', async () => {
      const { client } = under();
      const before = await created('before');
      const version = await versionNow();
      const first = await created('watched');
      const second = expectOk(await client.replace(secrets, { ...first, data: {} }));
      await deleted('watched', first.metadata.uid);
      await deleted('before', before.metadata.uid);
      const events = await eventsUntil('DELETED before', {}, version);
      expect(events.map(told)).toEqual([
        'ADDED watched',
        'MODIFIED watched',
        'DELETED watched',
        'DELETED before',
      ]);
      const objects = events.map((event) => (event.type === 'BOOKMARK' ? undefined : event.object));
      expect(objects[0]).toEqual(first);
      expect(objects[1]).toEqual(second);
      const versions = objects.map((object) => Number(object?.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(4);
    });

    test('tells what happens while it is open', async () => {
      const stop = new AbortController();
      const stream = expectOk(await watchOf({}, await versionNow(), stop.signal));
      const next = stream.next();
      await created('live');
      const { value } = await next;
      expect(value).toMatchObject({
        ok: true,
        value: { type: 'ADDED', object: { metadata: { name: 'live' } } },
      });
      stop.abort();
    });

    test('tells of an object that enters or leaves the selection as one that came or went', async () => {
      const { client } = under();
      const version = await versionNow();
      let secret = await created('moving');
      for (const of of ['this', 'that', 'this']) {
        secret = expectOk(
          await client.patchMetadata<SecretObject>(secrets, identityOf(secret), { labels: { of } }),
        );
      }
      await deleted('moving', secret.metadata.uid);
      const some = await eventsUntil('DELETED moving', { labelSelector: 'of=that' }, version);
      expect(some.map(told)).toEqual(['ADDED moving', 'DELETED moving']);
      const all = await eventsUntil('DELETED moving', {}, version);
      expect(all.map(told)).toEqual([
        'ADDED moving',
        'MODIFIED moving',
        'MODIFIED moving',
        'MODIFIED moving',
        'DELETED moving',
      ]);
    });

    test('by type sees our Secrets and no others, metadata only', async () => {
      const version = await versionNow();
      const foreign = await created('typed-foreign', { type: 'Opaque' });
      await created('typed', { type: 'grantor.dev/typed' });
      await deleted('typed-foreign', foreign.metadata.uid);
      const events = await eventsUntil(
        'ADDED typed',
        { fieldSelector: 'type=grantor.dev/typed', metadataOnly: true },
        version,
      );
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        object: { kind: 'PartialObjectMetadata', metadata: { name: 'typed' } },
      });
      expect(events[0]).not.toHaveProperty('object.data');
    });

    test('says that the version is gone, instead of leaving something out', async () => {
      // The first version of all is from before the kind was served.
      const options = { namespace: under().namespace, resourceVersion: '1', lasting: seconds(30) };
      const opened = await under().client.watch(widgets, options);
      const [first] = opened.ok ? await collect(opened.value) : [opened];
      expect(first && kindOf(first)).toBe('gone 410');
    });

    test('refuses a version that is none', async () => {
      expect((await watchOf({}, 'yesterday')).ok).toBe(false);
    });

    test('that hears of nothing says how far it is before its time is up, and ends without a word', async () => {
      const resourceVersion = await versionNow();
      const { client, namespace } = under();
      const selection = { namespace, fieldSelector: 'type=grantor.dev/none', metadataOnly: true };
      const options = { ...selection, resourceVersion, lasting: seconds(12) };
      const events = collect(expectOk(await client.watch(secrets, options)));
      await created('unseen');
      await under().pass(seconds(13));
      const bookmark = (await events).map(expectOk).at(-1);
      expect(bookmark).toMatchObject({ type: 'BOOKMARK', initialEventsEnd: false });
      const reached = bookmark?.type === 'BOOKMARK' ? bookmark.resourceVersion : '';
      expect(Number(reached)).toBeGreaterThan(Number(resourceVersion));
    });

    test('ends when its caller has heard enough', async () => {
      const stop = new AbortController();
      const stream = expectOk(await watchOf({}, await versionNow(), stop.signal));
      const events = collect(stream);
      stop.abort();
      expect((await events).filter((event) => event.ok)).toEqual([]);
    });
  });
}
