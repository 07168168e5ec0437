import { afterEach, describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import type { FakeKubeClient } from '../../test/fakes/fake-api-server/fake-kube-client.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { now } from '../../test/gen/facts.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import { seconds } from '../std/duration.ts';
import { err } from '../std/result.ts';
import { createSecretDelivery, type SecretNamespaces } from './secret-delivery.ts';
import { createWorld } from './world.ts';

let stop = new AbortController();
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const tokenSecret = (of: string, name: string) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', type: 'grantor.dev/token' },
  metadata: { namespace: of, name },
});

/** A cluster with namespaces a, b and c and a Secret in each, and what follows it; `refused` are those whose Secrets may not be read. */
async function setUp(list: SecretNamespaces) {
  const clock = new FakeClock(now);
  const server = new FakeApiServer(clock);
  for (const name of ['a', 'b', 'c']) {
    server.put('namespaces', namespace(name));
    server.put('secrets', tokenSecret(name, 'token'));
  }
  const refused = new Set<string>();
  const asked = new Set<string>();
  const kube = watched(server.client(), asked, refused);
  const metrics = recordingMetrics();
  const environment = { clock, rng: new FakeRng(), log: recordingLog(), metrics };
  const delivery = createSecretDelivery(list, kube, environment);
  const world = createWorld(kube, 'grantor-system', environment, delivery.secrets);
  const read: string[] = [];
  delivery.follow(world.namespaces, (name) => read.push(name));
  const begin = async (): Promise<void> => {
    for (const informer of Object.values(world)) void informer.run(stop.signal);
    await clock.advance(seconds(0));
  };
  /** What the metrics say was heard, of Secrets with tokens. */
  const heard = () =>
    Object.keys(metrics.values)
      .filter((name) => name.startsWith('informer_heard_timestamp_seconds{token secrets'))
      .sort();
  const cached = () => Array.from(world.tokenSecrets.store.list(), (one) => one.namespace).sort();
  return { clock, server, refused, asked, delivery, world, read, begin, cached, heard };
}

/** Notes where Secrets are asked for; Grantor's own namespace is another matter. */
function watched(kube: FakeKubeClient, asked: Set<string>, refused: ReadonlySet<string>): FakeKubeClient {
  const ask = (
    { plural }: ResourceKind,
    { namespace: name = 'all' }: { readonly namespace?: string } = {},
  ) => {
    if (plural !== 'secrets' || name === 'grantor-system') return undefined;
    asked.add(name);
    return refused.has(name)
      ? err({ kind: 'forbidden', message: 'secrets is forbidden' } as const)
      : undefined;
  };
  return new Proxy(kube, {
    get(target, property: keyof FakeKubeClient) {
      if (property === 'list')
        return async function* (...given: Parameters<FakeKubeClient['list']>) {
          const refusal = ask(...given);
          if (refusal) yield refusal;
          else yield* target.list(...given);
        };
      if (property === 'watch')
        return async (...given: Parameters<FakeKubeClient['watch']>) =>
          ask(...given) ?? target.watch(...given);
      return Reflect.get(target, property) as unknown;
    },
  });
}

describe('Secrets of tenants', () => {
  it('are read in one go where they are delivered everywhere', async () => {
    const { begin, asked, cached, delivery } = await setUp('*');
    await begin();
    expect([...asked]).toEqual(['all']);
    expect(cached()).toEqual(['a', 'b', 'c']);
    expect(delivery.reach('anywhere')).toEqual({ kind: 'within' });
  });

  it('are asked for nowhere where they are delivered nowhere, and nobody waits for them', async () => {
    const { begin, asked, world, delivery } = await setUp(new Set());
    await begin();
    await Promise.all(Object.values(world).map(({ synced }) => synced));
    expect([...asked]).toEqual([]);
    expect(delivery.reach('a')).toEqual({ kind: 'beyond' });
  });

  it('are read in the namespaces that are listed and there, and in no other', async () => {
    const { begin, asked, cached, read, delivery } = await setUp(new Set(['a', 'b', 'missing']));
    expect(delivery.reach('a')).toEqual({ kind: 'unread', problem: undefined });
    await begin();
    expect([...asked].sort()).toEqual(['a', 'b']);
    expect([cached(), read.sort()]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(['a', 'c', 'missing'].map((name) => delivery.reach(name).kind)).toEqual([
      'within',
      'beyond',
      'unread',
    ]);
    expect(delivery.problems()).toEqual([]);
  });

  it('of a namespace are read when it comes, and are forgotten when it goes', async () => {
    const { begin, server, clock, cached, read, delivery } = await setUp(new Set(['a', 'late']));
    await begin();
    server.put('secrets', tokenSecret('late', 'token'));
    server.put('namespaces', namespace('late'));
    await clock.advance(seconds(1));
    expect([cached(), read]).toEqual([
      ['a', 'late'],
      ['a', 'late'],
    ]);
    server.remove('namespaces', { name: 'a' });
    await clock.advance(seconds(1));
    expect(cached()).toEqual(['late']);
    expect(delivery.reach('a').kind).toBe('unread');
  });

  it('are heard of namespace by namespace, and of one that is gone nothing is missed', async () => {
    const { begin, server, clock, heard } = await setUp(new Set(['a', 'b']));
    await begin();
    expect(heard()).toEqual([
      'informer_heard_timestamp_seconds{token secrets in a}',
      'informer_heard_timestamp_seconds{token secrets in b}',
    ]);
    server.remove('namespaces', { name: 'a' });
    await clock.advance(seconds(1));
    expect(heard()).toEqual(['informer_heard_timestamp_seconds{token secrets in b}']);
  });

  it('that may not be read in one namespace keep nobody from work elsewhere', async () => {
    const { begin, clock, refused, cached, read, world, delivery } = await setUp(new Set(['a', 'b']));
    refused.add('b');
    await begin();
    await Promise.all(Object.values(world).map(({ synced }) => synced));
    expect([cached(), read]).toEqual([['a'], ['a']]);
    expect(delivery.reach('b')).toEqual({ kind: 'unread', problem: undefined });
    await clock.advance(seconds(10));
    expect(delivery.reach('b')).toEqual({ kind: 'unread', problem: 'secrets is forbidden' });
    expect(delivery.problems()).toEqual(['Secrets of namespace b cannot be read: secrets is forbidden']);
    for (const { health } of Object.values(world))
      expect(health()).toEqual({ synced: true, problem: undefined });
    refused.clear();
    await clock.advance(seconds(60));
    expect([cached(), read]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(delivery.problems()).toEqual([]);
  });
});
