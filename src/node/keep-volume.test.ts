import { describe, expect, it } from 'vitest';
import { type ANode, aNode, type PodWish, targetOf, volumeOf } from '../../test/gen/a-node.ts';
import { grantedStatus } from '../../test/gen/volumes.ts';
import { hours, minutes, seconds } from '../std/duration.ts';
import { minus, plus } from '../std/instant.ts';

const pod: PodWish = { name: 'web-1' };
const away = { kind: 'unavailable', detail: 'the issuer is away' } as const;

/** A node on which pods have their tokens. */
async function aServingNode(...pods: readonly PodWish[]): Promise<ANode> {
  const node = await aNode();
  node.putBinding();
  for (const one of pods.length > 0 ? pods : [pod]) expect(await node.publish(one, seconds(1))).toBe('ok');
  return node;
}

/** What the kubelet does while nothing happens: it calls for each volume once a minute. */
async function passWithCalls(node: ANode, time: number, ...pods: readonly PodWish[]): Promise<void> {
  for (let left = time; left > 0; left -= minutes(1)) {
    await node.pass(minutes(1));
    for (const one of pods) expect(await node.publish(one)).toBe('ok');
  }
}

const many = Array.from({ length: 200 }, (_, index) => ({ name: `web-${index}` }));

describe('the token of a volume', () => {
  it('is renewed in place before it ends, again and again', async () => {
    const node = await aServingNode();
    const seen = new Set<string | undefined>();
    for (let minute = 0; minute < 60; minute += 1) {
      await passWithCalls(node, minutes(1), pod);
      const [now, read] = [node.clock.now() / 1000, node.read(pod)];
      seen.add(read);
      const { claims } = node.issuer.issued.find(({ token }) => token.reveal() === read) ?? {};
      expect(Number(claims?.['exp']) - now).toBeGreaterThanOrEqual(120);
    }
    expect(seen.has(undefined)).toBe(false);
    expect(node.requests).toBeGreaterThanOrEqual(8);
    expect(node.requests).toBeLessThanOrEqual(13);
    expect(node.events).toEqual([]);
  });

  it('goes on though a repeated call cannot be read, which no first one may be', async () => {
    const node = await aServingNode();
    expect(node.manager.overlook(volumeOf(pod), 'it is odd')).toBe(true);
    expect(node.log.lines).toContainEqual(expect.objectContaining({ level: 'error', error: 'it is odd' }));
    const before = node.read(pod);
    await node.pass(minutes(9));
    expect(node.read(pod)).not.toBe(before);
    await node.unpublish(pod);
    expect(node.manager.overlook(volumeOf(pod), 'it is odd')).toBe(false);
  });

  it('is renewed at another time than those of other pods', async () => {
    const node = await aServingNode(...many.slice(0, 50));
    const perHalfMinute: number[] = [];
    for (let half = 0; half < 14; half += 1) {
      const before = node.requests;
      await node.pass(seconds(30));
      perHalfMinute.push(node.requests - before);
    }
    expect(node.requests).toBeGreaterThan(100);
    expect(Math.max(...perHalfMinute)).toBeLessThanOrEqual(12);
  });

  it('stays while the issuer is away, tells so once it is late, and again when all is well', async () => {
    const node = await aServingNode();
    const before = node.read(pod);
    node.issuer.fail('requestToken', away, Infinity);
    await passWithCalls(node, minutes(7), pod);
    expect([node.events, node.read(pod)]).toEqual([[], before]);
    await passWithCalls(node, minutes(2), pod);
    expect([node.events.length, node.read(pod)]).toEqual([1, before]);
    node.issuer.recover();
    await passWithCalls(node, minutes(2), pod);
    expect(node.events).toEqual([
      'Warning IssuerUnavailable: the token of WorkloadIdentityBinding billing-api could not be renewed, and is good until 2026-06-01T12:10:00Z: the issuer is away',
      'Normal TokenIssued: the token of WorkloadIdentityBinding billing-api is there and new again',
    ]);
    expect(node.metrics.values).toMatchObject({ 'grantor_node_renewals_total{login,Renewed}': 1 });
  });

  it('is gone the moment it ends, and that is told too', async () => {
    const node = await aServingNode();
    node.issuer.fail('requestToken', away, Infinity);
    await node.pass((minutes(10) - 1000) as never);
    expect(node.read(pod)).toBeDefined();
    await node.pass(seconds(2));
    expect(node.read(pod)).toBeUndefined();
    expect(node.store.seenAt(targetOf(pod))?.files).toEqual({});
    expect(node.events.at(-1)).toBe(
      'Warning IssuerUnavailable: the token of WorkloadIdentityBinding billing-api is not in the volume any more: the issuer is away',
    );
    expect(node.audited).toContainEqual(
      expect.objectContaining({ act: 'withdraw', reason: 'expired', podUID: 'uid-web-1' }),
    );
    expect(node.metrics.values['grantor_node_volumes{Empty}']).toBe(1);
  });

  it('is gone the moment it ends also while the issuer hangs', async () => {
    const node = await aServingNode();
    node.issuer.requestToken = () => new Promise(() => {});
    await node.pass(minutes(10));
    expect(node.read(pod)).toBeUndefined();
  });

  it('stays beyond its end where the binding says so', async () => {
    const node = await aNode();
    node.putBinding(grantedStatus(), {}, { onExpiry: 'Keep' });
    await node.publish(pod, seconds(1));
    node.issuer.fail('requestToken', away, Infinity);
    await node.pass(minutes(30));
    expect(node.read(pod)).toBeDefined();
    expect(node.metrics.values['grantor_node_volumes{Expired}']).toBe(1);
  });

  it('is replaced at once when another one is granted', async () => {
    const node = await aServingNode();
    const before = node.read(pod);
    node.putGrant({ roles: [] });
    node.issuer.alterToken = (token) => ({ ...token, claims: { ...token.claims, roles: [] } });
    await node.pass(seconds(2));
    expect(node.requests).toBe(2);
    expect(node.read(pod)).not.toBe(before);
  });

  it('is not asked for by a grant that nobody has decided anew since its client changed', async () => {
    const node = await aServingNode();
    node.putClient({ generation: 2 });
    await passWithCalls(node, minutes(9), pod);
    expect(node.requests).toBe(1);
    expect(node.events).toEqual([
      expect.stringContaining(
        'Warning ClientNotReady: the token of WorkloadIdentityBinding billing-api could not be renewed',
      ),
    ]);
    const { grant, ...rest } = grantedStatus();
    const client = { name: 'billing', uid: 'uid-billing', generation: 2 };
    node.putBinding({ ...rest, grant: { ...grant, derivedFrom: { ...grant?.derivedFrom, client } } });
    await node.pass(seconds(2));
    expect(node.requests).toBe(2);
  });

  it.each(['', 'workloadidentitybindings', 'oauthclients', 'tenantscopes', 'oauthissuers'])(
    'is not asked for once the API server has not been heard of for an hour: %s',
    async (plural) => {
      const node = await aServingNode();
      node.putBinding(grantedStatus(), {}, { onExpiry: 'Keep' });
      await node.pass(seconds(1));
      for (const verb of ['watch', 'list'] as const) node.server.fail(verb, 'unavailable', plural);
      for (const watch of [...node.server.bookmarked]) watch.end();
      await passWithCalls(node, minutes(50), pod);
      const asked = node.requests;
      expect(asked).toBeGreaterThan(4);
      await passWithCalls(node, minutes(30), pod);
      const atRest = node.requests;
      await passWithCalls(node, minutes(30), pod);
      expect(node.requests).toBe(atRest);
      expect(node.events.some((event) => event.startsWith('Warning VolumeViewStale'))).toBe(true);
    },
  );

  it('is asked for once while a request is under way', async () => {
    const node = await aServingNode();
    let requests = 0;
    node.issuer.requestToken = () => {
      requests += 1;
      return new Promise(() => {});
    };
    await passWithCalls(node, minutes(9), pod);
    expect(requests).toBe(1);
  });

  it('is tried again as soon after each outage as after the first', async () => {
    const node = await aServingNode();
    node.issuer.fail('requestToken', away, 6);
    await passWithCalls(node, minutes(9), pod);
    expect(node.issuer.issued.length).toBeGreaterThan(1);
    node.issuer.fail('requestToken', away, Infinity);
    const before = node.requests;
    while (node.requests === before) await node.pass(seconds(1));
    await node.pass(seconds(5));
    expect(node.requests - before).toBeGreaterThanOrEqual(3);
  });

  it('is not put into a volume of which it was withdrawn while the store was busy', async () => {
    const node = await aServingNode();
    const { promise: emptied, resolve: letItEmpty } = Promise.withResolvers<void>();
    const clear = node.store.clear.bind(node.store);
    node.store.clear = async (id) => {
      await emptied;
      return clear(id);
    };
    const requestToken = node.issuer.requestToken.bind(node.issuer);
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    node.issuer.requestToken = async (...given) => {
      await answered;
      return requestToken(...given);
    };
    await node.pass(minutes(10));
    answer();
    await node.pass(seconds(1));
    expect(node.requests).toBe(2);
    node.withdraw();
    await node.pass(seconds(1));
    letItEmpty();
    await node.pass(seconds(5));
    expect(node.read(pod)).toBeUndefined();
    expect(node.store.calls.filter((call) => call.startsWith('write'))).toHaveLength(1);
  });

  it('is asked for by the CA bundle that has replaced the one which the issuer is not known by any more', async () => {
    const node = await aNode();
    const bundle = (data: string): void =>
      void node.server.put('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'grantor-system', name: 'ca' },
        data: { 'ca.crt': `-----BEGIN CERTIFICATE-----\n${data}` },
      } as never);
    bundle('one');
    node.putIssuer({ tls: { caBundleRef: { name: 'ca', key: 'ca.crt' } } });
    node.putBinding();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    bundle('two');
    node.issuer.fail('requestToken', away, 1);
    await node.pass(minutes(9));
    expect([node.requests > 2, node.drivers]).toEqual([true, 2]);
  });

  it('leaves no connection open to an issuer that is gone', async () => {
    const node = await aServingNode();
    let closed = 0;
    node.issuer.close = async () => {
      closed += 1;
    };
    node.server.remove('oauthissuers', { name: 'login' });
    await node.pass(seconds(1));
    expect(closed).toBe(1);
  });

  it('of an issuer that takes each ServiceAccount token once is asked for when the kubelet brings another', async () => {
    const node = await aNode();
    node.tokenLife = minutes(10);
    node.putIssuer({ federation: { method: 'ClientAssertion', assertionReuse: 'SingleUse' } });
    const { grant, ...rest } = grantedStatus();
    node.putBinding({ ...rest, grant: { ...grant, maxLifetime: '15m' } }, {}, { renewAtPercent: 75 });
    node.issuer.alterToken = (token) => token;
    const first = node.token(pod);
    expect(await node.publish(pod, seconds(1), node.request(pod, first))).toBe('ok');
    // Due, or not: the same token again is not shown again.
    for (let minute = 0; minute < 8; minute += 1) {
      await node.pass(minutes(1));
      await node.publish(pod, seconds(0), node.request(pod, first));
    }
    expect(node.requests).toBe(1);
    await node.publish(pod, seconds(0), node.request(pod, node.token(pod)));
    await node.pass(seconds(30));
    expect(node.requests).toBe(2);
  });
});

describe('what is withdrawn', () => {
  const ways: readonly (readonly [string, (node: ANode) => void, string])[] = [
    ['its binding', (node) => node.withdraw(), 'ScopeNotAllowed'],
    ['its binding, by deletion', (node) => node.removeBinding(), 'BindingNotFound'],
    ['its tenant', (node) => node.putScope({ suspend: true }), 'Suspended'],
  ];

  it.each(ways)(
    'with %s is gone within five seconds from two hundred volumes, while the issuer hangs or not',
    async (_, act, reason) => {
      const node = await aServingNode(...many);
      node.issuer.requestToken = () => new Promise(() => {});
      await node.pass(minutes(8));
      expect(many.every((one) => node.read(one) !== undefined)).toBe(true);
      act(node);
      await node.pass(seconds(5));
      expect(many.filter((one) => node.read(one) !== undefined)).toEqual([]);
      expect(many.every((one) => node.store.seenAt(targetOf(one)) !== undefined)).toBe(true);
      expect(
        node.audited.filter(({ act: what, reason: why }) => what === 'withdraw' && why === reason),
      ).toHaveLength(200);
      await node.pass(minutes(1));
      expect(node.events.filter((event) => event.startsWith(`Warning ${reason}: `))).toHaveLength(200);
    },
  );

  it('and granted again is in its place again', async () => {
    const node = await aServingNode();
    node.putScope({ suspend: true });
    await node.pass(seconds(2));
    expect(node.read(pod)).toBeUndefined();
    node.putScope({ suspend: false });
    await node.pass(seconds(2));
    expect(node.read(pod)).toBe(node.issuer.issued[1]?.token.reveal());
    expect(node.events.map((event) => event.split(':')[0])).toEqual([
      'Warning Suspended',
      'Normal TokenIssued',
    ]);
  });

  it('after a delay is renewed until then, and gone when it is over, whoever sleeps', async () => {
    const node = await aServingNode();
    node.withdraw('NoTenantScope', minutes(9));
    node.server.remove('tenantscopes', { name: 'acme' });
    await passWithCalls(node, minutes(9) - 60_000, pod);
    expect(node.requests).toBe(2);
    expect(node.read(pod)).toBeDefined();
    await node.pass(minutes(1));
    expect(node.read(pod)).toBeUndefined();
  });

  it('with a binding that was made anew goes before the token of the new one comes', async () => {
    const node = await aServingNode();
    const before = node.read(pod);
    node.issuer.fail('requestToken', away, Infinity);
    node.putBinding(grantedStatus(), { uid: 'uid-new' });
    await node.pass(seconds(2));
    expect(node.read(pod)).toBeUndefined();
    node.issuer.recover();
    await node.pass(minutes(2));
    expect([before, undefined]).not.toContain(node.read(pod));
  });

  it('is tried again when the files cannot be taken away', async () => {
    const node = await aServingNode();
    node.store.failing.set('clear', 'EIO');
    node.withdraw();
    await node.pass(seconds(5));
    expect(node.read(pod)).toBeDefined();
    expect(node.store.calls.filter((call) => call.startsWith('clear')).length).toBeLessThanOrEqual(4);
    node.store.failing.clear();
    await node.pass(seconds(5));
    expect(node.read(pod)).toBeUndefined();
  });

  it('for a pod whose ServiceAccount was created anew, when the kubelet says so (regression 26)', async () => {
    const node = await aServingNode();
    expect(await node.publish({ ...pod, serviceAccountUID: 'uid-new' })).toBe('ok');
    await node.pass(seconds(1));
    expect(node.read(pod)).toBeUndefined();
  });
});

describe('a clock that is set', () => {
  it('ahead of the end of a token has it gone, or renewed, in half a minute', async () => {
    const node = await aServingNode();
    node.issuer.fail('requestToken', away, Infinity);
    node.clock.jump(plus(node.clock.now(), minutes(20)));
    await node.pass(seconds(31));
    expect(node.read(pod)).toBeUndefined();
    node.issuer.recover();
    await passWithCalls(node, minutes(2), pod);
    expect(node.read(pod)).toBeDefined();
  });

  it('back by hours makes no hot loop of it', async () => {
    const node = await aServingNode();
    node.clock.jump(minus(node.clock.now(), hours(3)));
    await passWithCalls(node, minutes(10), pod);
    expect(node.requests).toBeLessThanOrEqual(4);
    expect(node.read(pod)).toBeDefined();
  });
});
