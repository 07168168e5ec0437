import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { plain } from '../../../test/gen/client-plans.ts';
import {
  anyLogin,
  clientIDs,
  live,
  operations,
  ready,
  scopeOf,
  withSecret,
} from '../../../test/gen/client-steps.ts';
import {
  anIssuer,
  aTenantScope,
  ofTenant,
  withMetadata,
  without,
  withSpec,
} from '../../../test/gen/objects.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';

/** Whether any token that was ever given is active still. */
const tokensLive = ({ driver }: Cluster): boolean => driver.issued.some((token) => driver.isActive(token));
/** What the issuer holds of the one client. */
const held = ({ driver }: Cluster) => [...driver.clients.values()][0]?.desired;
const loses = (suspend = true) =>
  aTenantScope(withMetadata({ generation: 2 }), withSpec({ clients: anyLogin, suspend }));

/** A cluster whose binding has its token. */
async function withToken(...others: readonly KubeObject[]): Promise<Cluster> {
  const cluster = await aReadyCluster(...others);
  await cluster.binding();
  expect(tokensLive(cluster)).toBe(true);
  return cluster;
}

const umbrella = aTenantScope(ofTenant('umbrella'));
/** The namespace changes hands. */
const move = (cluster: Cluster): void => {
  cluster.put({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'acme-prod', labels: { tenant: 'umbrella' } },
  });
};

describe('a client whose tenant is suspended', () => {
  it('is left with nothing to obtain, then all its tokens end, once', async () => {
    const cluster = await withToken();
    cluster.put(scopeOf(2, true));
    await live(cluster);
    expect(operations(cluster)).toEqual(['register', 'requestToken', 'update', 'revokeAll']);
    expect([held(cluster)?.scopes, tokensLive(cluster)]).toEqual([[], false]);
    expect(cluster.audit.map(({ act, outcome }) => `${act} ${outcome}`)).toContain('revoke success');
  });

  it('gets all of it back under the same id when that is lifted, and loses it again as well', async () => {
    const cluster = await withToken();
    const before = clientIDs(cluster);
    for (const generation of [2, 4]) {
      cluster.put(scopeOf(generation, true));
      await cluster.client();
      await cluster.binding();
      expect(tokensLive(cluster)).toBe(false);
      cluster.put(scopeOf(generation + 1, false));
      await cluster.client();
      await cluster.binding();
      expect(ready(cluster)).toContain('True Ready');
      expect([tokensLive(cluster), clientIDs(cluster)]).toEqual([true, before]);
    }
  });

  it('is withdrawn to the end wherever the controller is killed, and restored likewise', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await withToken();
      const before = clientIDs(cluster);
      cluster.put(scopeOf(2, true));
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await live(cluster, 2);
      expect([held(cluster)?.scopes, tokensLive(cluster)], `killed after ${calls}`).toEqual([[], false]);
      cluster.put(scopeOf(3, false));
      await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await live(cluster, 2);
      expect([clientIDs(cluster), held(cluster)?.tenantID], `killed after ${calls}`).toEqual([
        before,
        'acme',
      ]);
      if (!killed) return;
    }
  });

  it('keeps no credentials for longer than a second when its issuer hangs, and is withdrawn when that comes back', async () => {
    const cluster = await aReadyCluster(withSecret, loses(false));
    const { driver } = cluster;
    const update = driver.update.bind(driver);
    driver.update = ({ clientID }, _, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () =>
          resolve({ ok: false, error: { kind: 'unavailable', detail: clientID } }),
        );
      });
    cluster.put(loses());
    const passed = cluster.client();
    await cluster.clock.advance(seconds(1));
    await passed;
    expect(cluster.secret('credentials')).toBeUndefined();
    expect(cluster.condition('oauthclients', 'billing', 'Registered')).toContain(
      'IssuerUnavailable: no answer within 1s',
    );
    driver.update = update;
    await live(cluster, 2);
    expect(held(cluster)?.scopes).toEqual([]);
    expect(operations(cluster)).toContain('revokeAll');
  });

  it('keeps none either when what hangs is the revocation', async () => {
    const cluster = await aReadyCluster(withSecret, loses(false));
    cluster.driver.fail('revokeAll', { kind: 'unavailable', detail: 'no answer' });
    cluster.put(loses());
    await cluster.client();
    expect(cluster.secret('credentials')).toBeUndefined();
    await live(cluster, 2);
    expect(operations(cluster).filter((operation) => operation === 'revokeAll')).toHaveLength(2);
  });

  it('is found by its mark when the issuer takes our token for no revocation', async () => {
    const cluster = await withToken();
    cluster.put(scopeOf(2, true));
    cluster.driver.fail('revokeAll', { kind: 'unauthorized', detail: 'invalid_token' });
    await live(cluster, 20);
    expect([held(cluster)?.scopes, tokensLive(cluster)]).toEqual([[], false]);
  });

  it('has its tokens ended by nobody where the issuer ends them one by one', async () => {
    const cluster = await withToken(anIssuer(without('RevokeAll')));
    cluster.driver.capabilities.delete('RevokeAll');
    cluster.put(scopeOf(2, true));
    await live(cluster);
    expect(operations(cluster)).toEqual(['register', 'requestToken', 'update']);
  });

  it('is not deleted where the issuer cannot disable it: a person is told what to do', async () => {
    const cluster = await aReadyCluster(
      anIssuer(without('EnforceCeiling'), withSpec({ unenforcedCeiling: 'Accept' })),
    );
    cluster.put(scopeOf(2, true));
    await live(cluster);
    expect(clientIDs(cluster)).toHaveLength(1);
    expect(cluster.condition('oauthclients', 'billing', 'Registered')).toMatch(
      /^False DisableUnsupported: client .* disable it there by hand/,
    );
  });
});

describe('a client whose namespace comes to another tenant', () => {
  it('loses everything of the former tenant before it gets anything of the new one, under the same id', async () => {
    const cluster = await withToken(aTenantScope(), umbrella);
    const [before] = clientIDs(cluster);
    move(cluster);
    await cluster.client();
    expect(operations(cluster)).toEqual(['register', 'requestToken', 'update', 'revokeAll', 'update']);
    expect([clientIDs(cluster), held(cluster)?.tenantID, tokensLive(cluster)]).toEqual([
      [before],
      'umbrella',
      false,
    ]);
    expect(ready(cluster)).toContain('True Ready');
  });

  it.each([
    ['one client of a mark', true],
    ['another client each time it is asked', false],
  ])('does so wherever the controller is killed, at an issuer that makes %s', async (_, idempotent) => {
    for (let calls = 0; ; calls++) {
      const cluster = await withToken(aTenantScope(), umbrella, idempotent ? anIssuer() : plain);
      // Where no mark finds a client whose last answer was lost, its token has to.
      cluster.driver.replacesAccessTokens = idempotent;
      const before = clientIDs(cluster);
      const [theirs] = cluster.driver.issued;
      move(cluster);
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await live(cluster, 2);
      expect([clientIDs(cluster), held(cluster)?.tenantID], `killed after ${calls}`).toEqual([
        before,
        'umbrella',
      ]);
      expect(theirs && cluster.driver.isActive(theirs), `killed after ${calls}`).toBe(false);
      if (!killed) return;
    }
  });

  it('has no rights of either while the issuer does not revoke', async () => {
    const cluster = await withToken(aTenantScope(), umbrella);
    cluster.driver.fail('revokeAll', { kind: 'unavailable', detail: 'no answer' }, Infinity);
    move(cluster);
    await cluster.client();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(held(cluster)?.tenantID).toBe('withdrawn');
    expect(ready(cluster)).toContain('False IssuerUnavailable');
    cluster.driver.recover();
    await live(cluster, 2);
    expect([held(cluster)?.tenantID, tokensLive(cluster)]).toEqual(['umbrella', false]);
  });
});
