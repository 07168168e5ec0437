import { describe, expect, it } from 'vitest';
import { type Cluster, aCluster as clusterOf, itsTwin } from '../../../test/gen/a-cluster.ts';
import {
  anyLogin,
  away,
  change,
  clientIDs,
  exists,
  operations,
  ready,
  remove,
  scopeOf,
} from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, withMetadata, without, withSpec } from '../../../test/gen/objects.ts';
import {
  accepted,
  aRotatedClient,
  aRotatedCluster,
  ask,
  every,
  found,
  methods,
  opens,
  overlap,
  rotated,
  told,
} from '../../../test/gen/rotations.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { Capability } from '../../domain/capability.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { milliseconds, minutes } from '../../std/duration.ts';

const steps = ({ audit }: Cluster): (string | undefined)[] =>
  audit.filter(({ act }) => act === 'rotate').map(({ step }) => step);

/** Time goes by until the credential is as old as it may become. */
const age = ({ clock }: Cluster): Promise<void> => clock.advance(every);

/** Another controller comes, and has the time to find out that its token for the client was replaced by an answer that is lost. */
async function recovered(cluster: Cluster): Promise<void> {
  cluster.restart();
  await cluster.client();
  await cluster.clock.advance(minutes(1));
  await cluster.client();
}

describe.each(methods)('a credential (%s)', (method) => {
  it('is replaced when it is old: the former one goes on until consumers have had the time to read the new one', async () => {
    const cluster = await aRotatedCluster(method);
    const [before, [clientID]] = [found(cluster), clientIDs(cluster)];
    await age(cluster);
    await cluster.client();
    const after = found(cluster);
    expect(after).not.toEqual(before);
    expect([await opens(cluster, before), await opens(cluster, after)]).toEqual([true, true]);
    expect(told(cluster)).toMatchObject({ phase: 'Overlapping' });
    await cluster.clock.advance(milliseconds(overlap - 1000));
    await cluster.client();
    expect(await opens(cluster, before)).toBe(true);
    await cluster.clock.advance(milliseconds(1000));
    await cluster.client();
    expect([await opens(cluster, before), await opens(cluster, after)]).toEqual([false, true]);
    expect(steps(cluster)).toEqual(['begin', 'promote', 'retire', 'end']);
    expect(clientIDs(cluster)).toEqual([clientID]);
    expect(ready(cluster)).toContain('True Ready');
    expect(told(cluster)?.phase).toBeUndefined();
  });

  it('is not replaced before a tenth of its time is left, and then at a time of its own', async () => {
    const cluster = await aRotatedCluster(method);
    const next = Date.parse(told(cluster)?.next ?? '');
    const born = cluster.clock.now();
    expect(next).toBeGreaterThanOrEqual(born + every * 0.9);
    expect(next).toBeLessThanOrEqual(born + every);
    await cluster.clock.advance(milliseconds(next - born - 1000));
    await cluster.client();
    expect(steps(cluster)).toEqual([]);
    await cluster.clock.advance(milliseconds(2000));
    await cluster.client();
    expect(steps(cluster)).toEqual(['begin', 'promote']);
  });

  it('is replaced when somebody asks for it, once for each value', async () => {
    const cluster = await aRotatedCluster(method, { overlap });
    ask(cluster, 'leaked');
    for (let look = 0; look < 3; look++) await cluster.client();
    expect(steps(cluster)).toEqual(['begin', 'promote']);
    ask(cluster, 'leaked again');
    await cluster.client();
    expect(steps(cluster)).toEqual(['begin', 'promote']);
    await cluster.clock.advance(overlap);
    await cluster.client();
    expect(steps(cluster)).toEqual(['begin', 'promote', 'retire', 'end', 'begin', 'promote']);
    await cluster.clock.advance(overlap);
    for (let look = 0; look < 3; look++) await cluster.client();
    expect(steps(cluster)).toHaveLength(8);
  });

  it('that is new is not replaced for a request that was there before it', async () => {
    const cluster = await aRotatedCluster(method, { overlap });
    cluster.kube.remove('secrets', { namespace: 'grantor-system', name: 'client-uid-billing' });
    ask(cluster, 'before');
    cluster.restart();
    await cluster.client();
    await cluster.client();
    expect(steps(cluster)).toEqual([]);
  });

  it('regression 13: is not cleared from the issuer by an update during the overlap', async () => {
    const cluster = await aRotatedCluster(method);
    const before = found(cluster);
    await age(cluster);
    await cluster.client();
    change(cluster, { metadata: { generation: 2 }, spec: { scopes: ['invoices.read'] } });
    await cluster.client();
    expect(cluster.driver.clients.values().next().value?.desired.scopes).toEqual(['invoices.read']);
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([true, true]);
  });

  it('regression 3: whose copy was deleted comes back as it is, and its overlap begins anew', async () => {
    const cluster = await aRotatedCluster(method);
    const before = found(cluster);
    await age(cluster);
    await cluster.client();
    const after = found(cluster);
    await cluster.clock.advance(milliseconds(overlap - 1000));
    cluster.kube.remove('secrets', { namespace: 'acme-prod', name: 'credentials' });
    cluster.restart();
    await cluster.client();
    expect(found(cluster)).toEqual(after);
    await cluster.clock.advance(minutes(5));
    await cluster.client();
    expect(await opens(cluster, before)).toBe(true);
    await cluster.clock.advance(overlap);
    await cluster.client();
    expect(await opens(cluster, before)).toBe(false);
  });

  it('regression 12: works at every moment and is replaced once, wherever the controller is killed', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await aRotatedCluster(method);
      const before = found(cluster);
      await age(cluster);
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      const what = `killed after ${calls}`;
      expect(await opens(cluster, before), what).toBe(true);
      expect(await opens(cluster, found(cluster)), what).toBe(true);
      await recovered(cluster);
      expect(await opens(cluster, before), what).toBe(true);
      expect(await opens(cluster, found(cluster)), what).toBe(true);
      const after = found(cluster);
      await cluster.clock.advance(overlap);
      const killedAgain = await cluster.killedAfter(calls, () => cluster.client());
      expect(await opens(cluster, after), what).toBe(true);
      await recovered(cluster);
      expect(await opens(cluster, before), what).toBe(false);
      expect([found(cluster), accepted(cluster), clientIDs(cluster).length], what).toEqual([after, 1, 1]);
      expect(ready(cluster), what).toContain('True Ready');
      if (!killed && !killedAgain) return;
    }
  });

  it('regression 18: is replaced once though two controllers think that they lead', async () => {
    const cluster = await aRotatedCluster(method);
    await age(cluster);
    const stale = itsTwin(cluster, cluster.clusterID);
    await cluster.client();
    const after = found(cluster);
    // The other one has the caches of before, and the same API server to write to.
    Object.assign(stale.environment, { kube: cluster.kube.client() });
    await stale.client();
    expect(found(cluster)).toEqual(after);
    expect(await opens(cluster, after)).toBe(true);
    expect(steps(stale)).toEqual([]);
  });

  it.each<IssuerFailure>([away, { kind: 'rejected', detail: 'one key, please' }])(
    'that the issuer does not take keeps nobody from working with the one before: $kind',
    async (failure) => {
      const cluster = await aRotatedCluster(method);
      const before = found(cluster);
      await age(cluster);
      cluster.driver.fail('update', failure, Infinity);
      await cluster.client();
      expect(found(cluster)).toEqual(before);
      expect(cluster.condition('oauthclients', 'billing', 'Registered')).toContain('True Registered');
      expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toMatch(/^False Issuer/);
      expect(told(cluster)).toMatchObject({ phase: 'Introducing' });
      cluster.driver.recover();
      await cluster.clock.advance(minutes(10));
      await cluster.client();
      expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([true, true]);
      expect(ready(cluster)).toContain('True Ready');
    },
  );

  it('that the issuer refuses is given up when nobody wants it any more, and other changes reach the issuer again', async () => {
    const cluster = await aRotatedCluster(method);
    const before = found(cluster);
    await age(cluster);
    cluster.driver.fail('update', { kind: 'rejected', detail: 'one key, please' }, Infinity);
    await cluster.client();
    expect(told(cluster)).toMatchObject({ phase: 'Introducing' });
    change(cluster, { metadata: { generation: 2 }, spec: { authentication: rotated(method, null) } });
    await cluster.client();
    cluster.driver.recover();
    await cluster.clock.advance(minutes(10));
    await cluster.client();
    expect([found(cluster), accepted(cluster), await opens(cluster, before)]).toEqual([before, 1, true]);
    expect(steps(cluster)).toEqual(['begin', 'abandon']);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('of a client that is refused in between goes on from where it was when that is allowed again', async () => {
    const cluster = await aRotatedCluster(method);
    const before = found(cluster);
    await age(cluster);
    await cluster.client();
    cluster.put(scopeOf(2, true));
    await cluster.client();
    expect(found(cluster)).toBeUndefined();
    cluster.put(aTenantScope(withMetadata({ generation: 3 }), withSpec({ clients: anyLogin })));
    await cluster.client();
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([true, true]);
    await cluster.clock.advance(overlap);
    await cluster.client();
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([false, true]);
  });

  it('is given up with its rotation when the client logs in another way', async () => {
    const cluster = await aRotatedCluster(method);
    await age(cluster);
    await cluster.client();
    const other = method === 'secret' ? 'privateKey' : 'secret';
    change(cluster, { metadata: { generation: 2 }, spec: { authentication: rotated(other) } });
    await cluster.client();
    expect(accepted(cluster)).toBe(1);
    expect(await opens(cluster, found(cluster))).toBe(true);
    expect(ready(cluster)).toContain('True Ready');
    expect(steps(cluster)).toEqual(['begin', 'promote', 'abandon', 'forget']);
  });

  it('does not come back to life when the client logs in as it did before', async () => {
    const cluster = await aRotatedCluster(method);
    const before = found(cluster);
    const other = method === 'secret' ? 'privateKey' : 'secret';
    change(cluster, { metadata: { generation: 2 }, spec: { authentication: rotated(other) } });
    await cluster.client();
    change(cluster, { metadata: { generation: 3 }, spec: { authentication: rotated(method) } });
    await cluster.client();
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([false, true]);
    expect(found(cluster)).not.toEqual(before);
  });

  it('goes with its client in the middle of a rotation', async () => {
    const cluster = await aRotatedCluster(method);
    await age(cluster);
    await cluster.client();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster), found(cluster)]).toEqual([false, [], undefined]);
  });

  it('costs a bounded number of writes', async () => {
    const cluster = await aRotatedCluster(method);
    await age(cluster);
    cluster.kube.writes.length = 0;
    cluster.driver.calls.length = 0;
    await cluster.client();
    await cluster.clock.advance(overlap);
    await cluster.client();
    const count = (what: RegExp) => cluster.kube.writes.filter((write) => what.test(write)).length;
    expect({
      record: count(/secrets grantor-system/),
      copy: count(/secrets acme-prod/),
      status: count(/^applyStatus/),
      issuer: operations(cluster).filter((operation) => operation !== 'compare'),
    }).toEqual({ record: 8, copy: 1, status: 2, issuer: ['update', 'update'] });
  });

  it('costs no write between its steps', async () => {
    const cluster = await aRotatedCluster(method);
    for (let look = 0; look < 5; look++) {
      await cluster.client();
      await cluster.clock.advance(minutes(30));
    }
    expect(cluster.kube.writes).toEqual([]);
    await age(cluster);
    await cluster.client();
    cluster.kube.writes.length = 0;
    for (let look = 0; look < 5; look++) {
      await cluster.client();
      await cluster.clock.advance(minutes(5));
    }
    expect(cluster.kube.writes).toEqual([]);
  });
});

describe('an issuer that cannot rotate a credential', () => {
  const cannot = (...missing: readonly Capability[]) => anIssuer(without(...missing));
  const aCluster = (method: (typeof methods)[number], issuer: OAuthIssuer, rotation?: object): Cluster =>
    clusterOf(aRotatedClient(method, rotation), aTenantScope(withSpec({ clients: anyLogin })), issuer);

  it.each<[string, (typeof methods)[number], readonly Capability[]]>([
    ['chooses secrets itself', 'secret', ['ChooseSecret', 'SecretOverlap']],
    ['holds one secret', 'secret', ['SecretOverlap']],
    ['changes no registration', 'privateKey', ['Update']],
  ])('because it %s is told nothing', async (_, method, missing) => {
    const cluster = aCluster(method, cannot(...missing));
    await cluster.client();
    expect(ready(cluster)).toContain('False RotationUnsupported');
    expect(operations(cluster)).toEqual([]);
  });

  it('goes on with the one that a client has, and is not asked for another', async () => {
    const cluster = await aRotatedCluster('secret');
    const before = found(cluster);
    cluster.put(anIssuer(without('SecretOverlap')));
    await age(cluster);
    await cluster.client();
    expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toContain(
      'False RotationUnsupported',
    );
    expect(cluster.condition('oauthclients', 'billing', 'Registered')).toContain('True Registered');
    expect([found(cluster), await opens(cluster, before)]).toEqual([before, true]);
    expect(steps(cluster)).toEqual([]);
  });

  it('says so to who asks for a rotation by hand', async () => {
    const cluster = aCluster('secret', cannot('ChooseSecret', 'SecretOverlap'), {});
    change(cluster, { spec: { authentication: { secret: { secretRef: { name: 'credentials' } } } } });
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    ask(cluster, 'now');
    await cluster.client();
    expect(ready(cluster)).toContain('False RotationUnsupported');
    expect(operations(cluster)).toEqual(['register']);
  });
});
