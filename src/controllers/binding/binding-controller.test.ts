import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
} from '../../../test/gen/objects.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { IssuedToken } from '../../ports/issuer-driver.ts';
import { minutes, seconds } from '../../std/duration.ts';

const tokenRequests = ({ driver }: Cluster): number =>
  driver.calls.filter(({ operation }) => operation === 'requestToken').length;
const ready = (cluster: Cluster): string => cluster.condition('workloadidentitybindings', 'billing-api');
const away = { kind: 'unavailable', detail: 'no answer' } as const;
const foreign = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { namespace: 'acme-prod', name: 'billing-token' },
  data: { token: 'bWluZQ==' },
};
const suspended = aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true }));

describe('a token on its way to the workload', () => {
  it('takes one ServiceAccount token, one token request and two writes', async () => {
    const cluster = await aReadyCluster();
    expect(await cluster.binding()).toMatchObject({ kind: 'again' });
    expect(cluster.kube.writes).toEqual([
      'requestToken serviceaccounts acme-prod/billing',
      'create secrets acme-prod/billing-token',
      'applyStatus workloadidentitybindings acme-prod/billing-api',
    ]);
    expect(cluster.kube.tokenAudiences).toEqual(['https://login.example']);
    expect(cluster.secret('billing-token')?.['token']).toBe(cluster.driver.issued[0]?.token.reveal());
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is renewed in place when that is due, not before, and status is not written again', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    await cluster.clock.advance(seconds(29));
    await cluster.binding();
    expect(tokenRequests(cluster)).toBe(1);
    cluster.kube.writes.length = 0;
    await cluster.clock.advance(minutes(7));
    await cluster.binding();
    expect(cluster.kube.writes).toEqual(['replace secrets acme-prod/billing-token']);
    expect(JSON.parse(cluster.secret('billing-token')?.['metadata.json'] ?? '')).toMatchObject({
      generation: 2,
    });
  });

  it('is asked for by nobody after a restart, and nothing is written', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.kube.writes.length = 0;
    cluster.restart();
    await cluster.binding();
    expect(cluster.kube.writes).toEqual([]);
    expect(tokenRequests(cluster)).toBe(1);
  });

  it('comes to the workload wherever the controller is killed, at most once more than needed', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await aReadyCluster();
      const killed = await cluster.killedAfter(calls, () => cluster.binding());
      cluster.restart();
      await cluster.binding();
      expect(ready(cluster), `killed after ${calls}`).toContain('True Ready');
      expect(cluster.secret('billing-token')?.['token']).toBe(cluster.driver.issued.at(-1)?.token.reveal());
      expect(tokenRequests(cluster)).toBeLessThanOrEqual(2);
      if (!killed) return;
    }
  });
});

describe('a token that is on its way', () => {
  const shrunk = aTenantScope(withMetadata({ generation: 2 }), (scope) => ({
    ...scope,
    spec: { ...scope.spec, tokens: { ...scope.spec.tokens, scopes: ['openid'] } },
  }));
  const whileOnItsWay = (cluster: Cluster, happens: () => unknown): void => {
    cluster.driver.alterToken = (token: IssuedToken) => {
      happens();
      return token;
    };
  };

  it.each([
    ['the tenant is suspended', suspended, 'False Suspended'],
    ['the ceiling comes down', shrunk, 'False ScopeNotAllowed'],
  ])('when %s is revoked, and never gets into a Secret', async (_, scope, told) => {
    const cluster = await aReadyCluster();
    whileOnItsWay(cluster, () => cluster.put(scope));
    await cluster.binding();
    expect(cluster.kube.writes.filter((write) => write.includes('secrets'))).toEqual([]);
    expect(ready(cluster)).toContain(told);
    const issued = cluster.driver.issued.map(({ token }) => token.reveal());
    expect([issued.length, [...cluster.driver.revoked]]).toEqual([1, issued]);
  });

  it('when its binding is deleted leaves no Secret behind', async () => {
    const cluster = await aReadyCluster();
    whileOnItsWay(cluster, () => {
      cluster.kube.remove('workloadidentitybindings', { namespace: 'acme-prod', name: 'billing-api' });
      cluster.world.bindings.store.forget('acme-prod/billing-api', 'uid-billing-api');
    });
    await cluster.binding();
    expect(cluster.kube.writes).toEqual(['requestToken serviceaccounts acme-prod/billing']);
    expect(cluster.driver.revoked.size).toBe(1);
  });

  it('when what may be granted grows is asked for again, as what it is now', async () => {
    const cluster = await aReadyCluster();
    whileOnItsWay(cluster, () => {
      cluster.driver.alterToken = (token) => token;
      cluster.put(
        aBinding(
          withMetadata({ generation: 2 }),
          withSpec({
            token: { scopes: ['invoices.read', 'invoices.write'], audience: 'https://api.example' },
          }),
        ),
      );
    });
    await cluster.binding();
    expect(JSON.parse(cluster.secret('billing-token')?.['metadata.json'] ?? '{}')).toMatchObject({
      scope: 'invoices.read invoices.write',
    });
    expect(tokenRequests(cluster)).toBe(2);
  });
});

describe('a Secret that is not ours', () => {
  it('is never written, and nothing is asked for on its account, for hours', async () => {
    const cluster = await aReadyCluster(foreign);
    for (let minute = 0; minute < 120; minute++) {
      await cluster.binding();
      await cluster.clock.advance(minutes(1));
    }
    expect(tokenRequests(cluster)).toBe(0);
    expect(cluster.kube.writes).toEqual(['applyStatus workloadidentitybindings acme-prod/billing-api']);
    expect(cluster.secret('billing-token')).toEqual({ token: 'mine' });
    expect(ready(cluster)).toContain('False SecretConflict');
  });

  it('that appears between the look and the write is left as it is too', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.alterToken = (token: IssuedToken) => {
      cluster.kube.put('secrets', foreign);
      return token;
    };
    await cluster.binding();
    expect(cluster.secret('billing-token')).toEqual({ token: 'mine' });
    expect(ready(cluster)).toContain('False SecretConflict');
  });

  it('is not what an earlier leader wrote for this binding, though the cache does not know of it yet', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    const { uid = '' } =
      cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'billing-token' })?.metadata ?? {};
    cluster.world.tokenSecrets.store.forget('acme-prod/billing-token', uid);
    await cluster.binding();
    expect(cluster.world.tokenSecrets.store.size).toBe(1);
    await cluster.clock.advance(seconds(1));
    await cluster.binding();
    expect(ready(cluster)).toContain('True Ready');
    expect(tokenRequests(cluster)).toBe(1);
  });

  it('of an earlier binding of the same name makes way at once, whether the garbage collector runs or not', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.put(aBinding(withMetadata({ uid: 'uid-of-another' })));
    cluster.kube.writes.length = 0;
    await cluster.binding();
    expect(cluster.kube.writes.slice(0, 3)).toEqual([
      'delete secrets acme-prod/billing-token',
      'create secrets acme-prod/billing-token',
      'applyStatus workloadidentitybindings acme-prod/billing-api',
    ]);
    const owner = { ownerReferences: [{ uid: 'uid-of-another' }] };
    const secret = cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'billing-token' });
    expect(secret?.metadata).toMatchObject(owner);
  });
});

describe('a token that cannot be renewed', () => {
  it('stays until its end, and then goes, though the issuer is still away', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.driver.fail('requestToken', away, Infinity);
    await cluster.clock.advance(minutes(9));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeDefined();
    expect(ready(cluster)).toContain('False IssuerUnavailable');
    await cluster.clock.advance(minutes(1));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    cluster.driver.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.binding();
    expect(ready(cluster)).toContain('True Ready');
  });

  it('nor removed is tried once a pass: no storm when both sides are away', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.driver.fail('requestToken', away, Infinity);
    cluster.kube.fail('delete', 'unavailable');
    await cluster.clock.advance(minutes(11));
    cluster.kube.writes.length = 0;
    expect(await cluster.binding()).toMatchObject({ kind: 'retry' });
    expect(tokenRequests(cluster)).toBe(2);
    expect(cluster.kube.writes.filter((write) => write.startsWith('delete'))).toHaveLength(1);
  });

  it('nor removed, since the API server says only that there is a conflict, is removed later', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.driver.fail('requestToken', away, Infinity);
    cluster.kube.fail('delete', 'conflict');
    await cluster.clock.advance(minutes(11));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeDefined();
    cluster.kube.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
  });

  it('is left alone as long as the issuer asked, its removal in between or not', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.driver.fail(
      'requestToken',
      { kind: 'throttled', retryAfter: minutes(5), detail: '429' },
      Infinity,
    );
    await cluster.clock.advance(minutes(9));
    await cluster.binding();
    expect(tokenRequests(cluster)).toBe(2);
    for (let minute = 0; minute < 4; minute++) {
      await cluster.clock.advance(minutes(1));
      await cluster.binding();
    }
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(tokenRequests(cluster)).toBe(2);
  });

  it('because its Secret was made immutable stays until its end', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.kube.fail('replace', 'invalid', 'secrets');
    await cluster.clock.advance(minutes(9));
    await cluster.binding();
    expect(cluster.secret('billing-token')?.['token']).toBe(cluster.driver.issued[0]?.token.reveal());
    expect(ready(cluster)).toContain('False SecretConflict');
  });
});

describe('what is not allowed', () => {
  it('goes at once when the tenant is suspended; nothing is sent to the issuer', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.put(suspended);
    const before = cluster.driver.calls.length;
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(cluster.driver.calls).toHaveLength(before);
  });

  it('is told to be still there only as long as it is, whoever removes it', async () => {
    const cluster = await aReadyCluster();
    const delivered = (): string => cluster.condition('workloadidentitybindings', 'billing-api', 'Delivered');
    await cluster.binding();
    cluster.put(suspended);
    cluster.kube.fail('delete', 'unavailable');
    await cluster.binding();
    expect(delivered()).toContain('Unknown SecretWriteFailed: the token could not be removed');
    for (const { uid } of cluster.world.tokenSecrets.store.list())
      cluster.world.tokenSecrets.store.forget('acme-prod/billing-token', uid);
    await cluster.binding();
    expect(delivered()).toContain('False Suspended');
  });

  it('goes as well when its own client cannot be read', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.put(suspended);
    cluster.put(aClient(withSpec({ scopes: 7 as never })));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(ready(cluster)).toBe(
      'False Suspended: metadata.namespace: TenantScope acme: spec.suspend is true',
    );
  });

  it('is not sent to an issuer that the tenant lost, though the client does not know yet', async () => {
    const cluster = await aReadyCluster();
    cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ issuerRefs: [{ name: 'other' }] })));
    await cluster.binding();
    expect(tokenRequests(cluster)).toBe(0);
    expect(ready(cluster)).toContain(
      'False ClientNotAllowed: spec.clientRef: OAuthClient billing is refused: spec.issuerRef.name',
    );
  });

  it('and its client list all that is wrong in their status, until it is right', async () => {
    const cluster = await aReadyCluster();
    const fields = (plural: string, name: string): string[] | undefined =>
      cluster.kube
        .find<KubeObject & { status: { violations?: { field: string }[] } }>(plural, {
          namespace: 'acme-prod',
          name,
        })
        ?.status.violations?.map(({ field }) => field);
    const narrow = { ...aTenantScope().spec.tokens, scopes: [], roles: [] };
    cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ tokens: narrow })));
    await cluster.client();
    await cluster.binding();
    expect(fields('oauthclients', 'billing')).toEqual(['spec.scopes', 'spec.roles']);
    expect(fields('workloadidentitybindings', 'billing-api')).toEqual([
      'spec.token.scopes',
      'spec.clientRef',
    ]);
    cluster.put(aTenantScope(withMetadata({ generation: 3 })));
    await cluster.client();
    await cluster.binding();
    expect(fields('oauthclients', 'billing')).toBeUndefined();
    expect(fields('workloadidentitybindings', 'billing-api')).toBeUndefined();
  });

  it('is for a ServiceAccount that was recreated meanwhile', async () => {
    const cluster = await aReadyCluster();
    const metadata = { namespace: 'acme-prod', name: 'billing', uid: 'uid-other' };
    cluster.kube.put('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    await cluster.binding();
    expect(ready(cluster)).toContain('False TokenRequestFailed');
    expect(tokenRequests(cluster)).toBe(0);
  });
});

describe('an object that cannot be read', () => {
  it('harms no token that is there, and lets none be asked for', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    const before = cluster.driver.calls.length;
    cluster.put(anIssuer(withMetadata({ generation: 2 }), withSpec({ limits: 'all' as never })));
    await cluster.clock.advance(minutes(9));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeDefined();
    expect(ready(cluster)).toContain('False Malformed');
    expect(cluster.driver.calls).toHaveLength(before);
  });

  it('harms no token that is there when it is the very TenantScope', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ tokens: 'all' as never })));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeDefined();
    expect(ready(cluster)).toContain('False Malformed: spec.tokens');
  });

  describe('and is the binding itself', () => {
    /** With a token of ten minutes, and then a spec that makes no sense. */
    const aBrokenBinding = async (): Promise<Cluster> => {
      const cluster = await aReadyCluster();
      await cluster.binding();
      cluster.put(aBinding(withMetadata({ generation: 2 }), withSpec({ token: 'all of them' as never })));
      return cluster;
    };

    it('is told so, keeps what it has and gets nothing', async () => {
      const cluster = await aBrokenBinding();
      await cluster.binding();
      expect(ready(cluster)).toContain('False Malformed: spec.token');
      expect(cluster.secret('billing-token')).toBeDefined();
      expect(tokenRequests(cluster)).toBe(1);
    });

    it('regression 21: its token does not outlive its end', async () => {
      const cluster = await aBrokenBinding();
      expect(await cluster.binding()).toEqual({ kind: 'again', after: minutes(10) });
      await cluster.clock.advance(minutes(10));
      await cluster.binding();
      expect(cluster.secret('billing-token')).toBeUndefined();
      expect(ready(cluster)).toContain('False Malformed');
    });

    it('regression 21: its token does not outlive the rights of its tenant', async () => {
      const cluster = await aBrokenBinding();
      cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true })));
      await cluster.binding();
      expect(cluster.secret('billing-token')).toBeUndefined();
    });
  });
});

describe('a client with a secret', () => {
  it('logs in with our record, not with the copy that the tenant could have changed', async () => {
    const authentication = { secret: { secretRef: { name: 'credentials' } } };
    const client = aClient(withSpec({ authentication }), withMetadata({ finalizers: [] }));
    const clients = { ...aTenantScope().spec.clients, authentication: ['Secret'] as const };
    const cluster = await aReadyCluster(client, aTenantScope(withSpec({ clients })));
    const copy = cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'credentials' });
    cluster.put({ ...copy, data: { client_secret: 'Zm9yZ2Vk' } } as never);
    await cluster.binding();
    expect(ready(cluster)).toContain('True Ready');
    expect(cluster.kube.writes.some((write) => write.startsWith('requestToken'))).toBe(false);
  });
});
