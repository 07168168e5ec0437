import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { aSecret, expectOk, kindOf, secrets } from '../../contract/kube-client-data.ts';
import { collect } from '../collect.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeApiServer } from './fake-api-server.ts';

const at = (name: string) => ({ namespace: 'acme', name });

function setUp() {
  const clock = new FakeClock();
  const server = new FakeApiServer(clock);
  const [client, other] = [server.client(), server.client()];
  const open = async (resourceVersion: number) =>
    expectOk(await client.watch(secrets, { resourceVersion: String(resourceVersion), lasting: minutes(5) }));
  return { clock, server, client, other, open };
}

describe('what goes wrong at a fake API server', () => {
  it('goes wrong for one client, and for the calls that were meant', async () => {
    const { client, other } = setUp();
    client.faults.add('conflict', (verb, plural) => verb === 'create' && plural === 'secrets');
    expect(kindOf(await client.create(secrets, aSecret(at('a'))))).toBe('conflict 409');
    expect(kindOf(await client.get(secrets, at('a')))).toBe('notFound 404');
    expect(kindOf(await other.create(secrets, aSecret(at('a'))))).toBe('ok');
    client.faults.clear();
    expect(kindOf(await client.create(secrets, aSecret(at('b'))))).toBe('ok');
  });

  it('may be the answer alone: what was asked is done', async () => {
    const { server, client } = setUp();
    client.faults.add('lost', () => true);
    expect(kindOf(await client.create(secrets, aSecret(at('a'))))).toBe('unavailable undefined');
    expect(server.find('secrets', at('a'))).toBeDefined();
  });

  it('may be that no answer comes, until the caller has waited long enough', async () => {
    const { clock, server, client } = setUp();
    client.faults.add('hangs', () => true);
    let answer: unknown;
    void client.create(secrets, aSecret(at('a')), { timeout: seconds(4) }).then((it) => (answer = it));
    await clock.advance(seconds(3));
    expect(answer).toBeUndefined();
    await clock.advance(seconds(1));
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(server.find('secrets', at('a'))).toBeUndefined();
  });

  it('may be that it forgets what came before, in the middle of a list too', async () => {
    const { server, client, open } = setUp();
    const { version } = server.storage;
    for (const name of ['a', 'b', 'c']) await client.create(secrets, aSecret(at(name)));
    const pages = client.list<KubeObject>(secrets, { pageSize: 2 });
    expect((await pages.next()).value).toMatchObject({ ok: true });
    server.put('secrets', aSecret(at('d')));
    server.storage.compact();
    expect((await pages.next()).value).toMatchObject({ ok: false, error: { kind: 'gone' } });
    expect(await collect(await open(version))).toMatchObject([{ ok: false, error: { kind: 'gone' } }]);
  });

  it('may be watches that lag: nothing is lost, and the order stays', async () => {
    const { clock, server, client, open } = setUp();
    const events: unknown[] = [];
    void (async () => {
      for await (const event of await open(server.storage.version)) events.push(event.ok && event.value.type);
    })();
    client.holdWatches(true);
    server.put('secrets', aSecret(at('a')));
    server.remove('secrets', at('a'));
    await clock.settle();
    expect(events).toEqual([]);
    client.holdWatches(false);
    await clock.settle();
    expect(events).toEqual(['ADDED', 'DELETED']);
  });

  it('may be that watches are cut, with or without a word', async () => {
    const { server, client, open } = setUp();
    const [first, second] = [await open(server.storage.version), await open(server.storage.version)];
    client.cutWatches({ kind: 'unavailable', message: 'reset' });
    expect(await collect(first)).toMatchObject([{ ok: false, error: { message: 'reset' } }]);
    expect(await collect(second)).toHaveLength(1);
    const third = await open(server.storage.version);
    await client.close();
    expect(await collect(third)).toEqual([]);
    expect(kindOf(await client.get(secrets, at('a')))).toBe('unavailable undefined');
  });
});
