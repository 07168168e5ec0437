import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { away, change, clientIDs, operations, ready, scopeOf } from '../../../test/gen/client-steps.ts';
import { aClient, anIssuer, withMetadata, without, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { DesiredClient } from '../../domain/desired-client.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { Secret } from '../../std/secret.ts';

const inSync = (cluster: Cluster): string => cluster.condition('oauthclients', 'billing', 'InSync');

/** Somebody changes the client at the issuer. */
function changeAtIssuer({ driver }: Cluster, to: Partial<DesiredClient>): void {
  for (const [id, client] of driver.clients)
    driver.clients.set(id, { ...client, desired: { ...client.desired, ...to } });
}

/** Lets half an hour pass in which the client is looked at each minute. */
async function halfAnHour(cluster: Cluster): Promise<void> {
  for (let minute = 0; minute < 30; minute++) {
    await cluster.clock.advance(minutes(1));
    await cluster.client();
  }
}

/** What was asked of the issuer since the client was registered. */
const since = (cluster: Cluster): string[] => operations(cluster).slice(1);

const managed = (management: 'Observe' | 'Paused', generation = 2) => ({
  metadata: { generation },
  spec: { management },
});

describe('regression 8: a client that its issuer holds as it is wanted', () => {
  it('is read once in each interval, and nothing is written anywhere', async () => {
    const cluster = await aReadyCluster();
    for (let hour = 0; hour < 2; hour++) {
      await halfAnHour(cluster);
      await halfAnHour(cluster);
    }
    expect(since(cluster)).toEqual(['compare', 'compare', 'compare', 'compare']);
    expect(cluster.kube.writes).toEqual([]);
    expect(inSync(cluster)).toContain('True InSync');
  });

  it('is not read before its time because of restarts, nor twice in an interval', async () => {
    const cluster = await aReadyCluster();
    for (let restart = 0; restart < 30; restart++) {
      cluster.restart();
      await cluster.client();
      await cluster.clock.advance(minutes(1));
    }
    expect(since(cluster).length).toBeLessThanOrEqual(1);
    expect(cluster.kube.writes).toEqual([]);
  });

  it('regression 9: in another order: no drift', async () => {
    const cluster = await aReadyCluster();
    changeAtIssuer(cluster, { scopes: ['invoices.write', 'invoices.read'] });
    await halfAnHour(cluster);
    expect(since(cluster)).toEqual(['compare']);
    expect(cluster.kube.writes).toEqual([]);
  });

  it('stays ready while the issuer is away, and nothing is written for that', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('compare', away, Infinity);
    await halfAnHour(cluster);
    expect(since(cluster)).toContain('compare');
    expect(cluster.kube.writes).toEqual([]);
  });

  it('stays ready where it may not be read, and that is told', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('compare', { kind: 'rejected', detail: 'the issuer answered 405' }, Infinity);
    await halfAnHour(cluster);
    expect(inSync(cluster)).toBe('Unknown IssuerRejected: the issuer answered 405');
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is not asked for at an issuer that cannot say', async () => {
    const cluster = await aReadyCluster(anIssuer(without('Compare')));
    await halfAnHour(cluster);
    expect(since(cluster)).toEqual([]);
    expect(inSync(cluster)).toContain('Unknown CompareUnsupported');
    expect(ready(cluster)).toContain('True Ready');
  });

  it('has the credentials stored that a read brings (RFC 7592 section 3)', async () => {
    const cluster = await aReadyCluster();
    const { driver } = cluster;
    const compare = driver.compare.bind(driver);
    driver.compare = async (registration, ...given) => {
      const compared = await compare(registration, ...given);
      const [client] = driver.clients.values();
      if (!compared.ok || client === undefined) return compared;
      const registrationAccessToken = 'rat-that-the-read-brought';
      driver.clients.set(client.clientID, { ...client, registrationAccessToken });
      const brought = { ...registration, registrationAccessToken: new Secret(registrationAccessToken) };
      return { ok: true, value: { ...compared.value, registered: brought } };
    };
    await halfAnHour(cluster);
    expect(cluster.kube.writes).toEqual(['replace secrets grantor-system/client-uid-billing']);
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    expect(since(cluster)).toEqual(['compare', 'update']);
    expect(ready(cluster)).toContain('True Ready');
  });
});

describe('a client that somebody changed at the issuer', () => {
  it('is put right by one update', async () => {
    const cluster = await aReadyCluster();
    changeAtIssuer(cluster, { scopes: ['admin'], roles: ['root'] });
    await halfAnHour(cluster);
    await halfAnHour(cluster);
    expect(since(cluster)).toEqual(['compare', 'update', 'compare']);
    expect([...cluster.driver.clients.values()][0]?.desired.roles).toEqual(['biller']);
    expect(inSync(cluster)).toContain('True InSync');
    expect(cluster.told.slice(-2)).toEqual([
      'Warning OAuthClient acme-prod/billing Drifted: the issuer holds something else than the spec says: scopes, roles',
      expect.stringContaining('Normal OAuthClient acme-prod/billing RegistrationChanged'),
    ]);
  });

  it('regression 1: is not ready while it cannot be put right, says what differs, and heals', async () => {
    const cluster = await aReadyCluster();
    changeAtIssuer(cluster, { scopes: ['admin'], roles: ['root'] });
    cluster.driver.fail('update', away, Infinity);
    await halfAnHour(cluster);
    expect(inSync(cluster)).toMatch(/^False Drifted: .*scopes, roles$/);
    expect(ready(cluster)).toContain('False IssuerUnavailable');
    cluster.restart();
    await cluster.client();
    expect(inSync(cluster)).toMatch(/^False Drifted: .*scopes, roles$/);
    cluster.driver.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect([ready(cluster), inSync(cluster)]).toEqual([
      'True Ready: as 00000000-0000-4000-8000-000000000001',
      'True InSync: ',
    ]);
  });

  it('is put right by the next process where this one was killed after it had looked', async () => {
    const cluster = await aReadyCluster();
    changeAtIssuer(cluster, { roles: ['root'] });
    const { driver } = cluster;
    const update = driver.update.bind(driver);
    driver.update = async () => {
      throw new Error('killed');
    };
    await halfAnHour(cluster).catch(() => undefined);
    driver.update = update;
    cluster.restart();
    await cluster.client();
    expect([...driver.clients.values()][0]?.desired.roles).toEqual(['biller']);
  });

  it('is made anew by its mark where it was deleted', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.clients.clear();
    await halfAnHour(cluster);
    expect(clientIDs(cluster)).toHaveLength(1);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is told as lost where no mark finds it', async () => {
    const cluster = await aReadyCluster(anIssuer(without('IdempotentRegister')));
    cluster.driver.clients.clear();
    await halfAnHour(cluster);
    expect(ready(cluster)).toContain('False IssuerUnauthorized');
    expect(clientIDs(cluster)).toEqual([]);
  });

  it('is withdrawn again where its rights were taken away and somebody gave them back', async () => {
    const cluster = await aReadyCluster();
    cluster.put(scopeOf(2, true));
    await cluster.client();
    changeAtIssuer(cluster, { audiences: ['https://api.example'] });
    await halfAnHour(cluster);
    expect([...cluster.driver.clients.values()][0]?.desired.audiences).toEqual([]);
  });
});

describe('spec.management: Observe', () => {
  it('sends nothing, and says in which respects the issuer holds something else', async () => {
    const cluster = await aReadyCluster();
    change(cluster, managed('Observe'));
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    changeAtIssuer(cluster, { scopes: ['admin'] });
    await halfAnHour(cluster);
    expect(ready(cluster)).toMatch(/^False Drifted: .*: scopes$/);
    expect(since(cluster)).toEqual(['compare']);
    cluster.kube.writes.length = 0;
    await halfAnHour(cluster);
    cluster.restart();
    await cluster.client();
    expect(since(cluster)).toEqual(['compare', 'compare']);
    expect(cluster.kube.writes).toEqual([]);
    // The second look told nothing that the first had not.
    expect(cluster.told.filter((event) => event.includes('Drifted'))).toHaveLength(1);
  });

  it('says so at once of changes of the spec, and no more once the issuer holds them', async () => {
    const cluster = await aReadyCluster();
    change(cluster, { metadata: { generation: 2 }, spec: { management: 'Observe', roles: [] } });
    await cluster.client();
    expect(inSync(cluster)).toMatch(/^False Drifted: .*: roles$/);
    changeAtIssuer(cluster, { roles: [] });
    await halfAnHour(cluster);
    expect([ready(cluster), inSync(cluster)]).toEqual([
      'True Ready: as 00000000-0000-4000-8000-000000000001',
      'True InSync: ',
    ]);
    expect(since(cluster)).toEqual(['compare', 'compare']);
  });

  it('ends with an update, once the client is managed again', async () => {
    const cluster = await aReadyCluster();
    change(cluster, { metadata: { generation: 2 }, spec: { management: 'Observe', roles: [] } });
    await cluster.client();
    change(cluster, { metadata: { generation: 3 }, spec: { management: 'Manage' } });
    await cluster.client();
    expect(since(cluster)).toEqual(['compare', 'update']);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('registers nothing', async () => {
    const fresh = aClient(
      withMetadata({ finalizers: [] }),
      withStatus({}),
      withSpec({ management: 'Observe' }),
    );
    const cluster = await aReadyCluster(fresh);
    expect(operations(cluster)).toEqual([]);
    expect(ready(cluster)).toContain('False Observed');
  });

  it('tells that the client is not there any more, and does not make it anew', async () => {
    const cluster = await aReadyCluster();
    change(cluster, managed('Observe'));
    cluster.driver.clients.clear();
    await halfAnHour(cluster);
    expect(ready(cluster)).toContain('there is no such client');
    expect(clientIDs(cluster)).toEqual([]);
  });
});

describe('spec.management: Paused', () => {
  it('sends and reads nothing, and says so', async () => {
    const cluster = await aReadyCluster();
    change(cluster, managed('Paused'));
    changeAtIssuer(cluster, { scopes: ['admin'] });
    await halfAnHour(cluster);
    expect(since(cluster)).toEqual([]);
    expect([ready(cluster), inSync(cluster)]).toEqual([
      'True Ready: as 00000000-0000-4000-8000-000000000001',
      'Unknown Paused: spec.management is Paused: nobody looks',
    ]);
  });

  it('is not ready with changes that are not sent', async () => {
    const cluster = await aReadyCluster();
    change(cluster, { metadata: { generation: 2 }, spec: { management: 'Paused', roles: [] } });
    await cluster.client();
    expect(since(cluster)).toEqual([]);
    expect(ready(cluster)).toContain('False Paused');
  });
});

describe('a client that is not managed', () => {
  it.each(['Observe', 'Paused'] as const)(
    '(%s) loses its rights all the same, and gets none back',
    async (management) => {
      const cluster = await aReadyCluster();
      change(cluster, managed(management));
      await cluster.client();
      cluster.put(scopeOf(2, true));
      await cluster.client();
      const held = () => [...cluster.driver.clients.values()][0]?.desired.audiences;
      expect(held()).toEqual([]);
      expect(operations(cluster)).toContain('revokeAll');
      cluster.put(scopeOf(3, false));
      await cluster.client();
      await cluster.clock.advance(seconds(1));
      await cluster.client();
      expect(held()).toEqual([]);
      expect(ready(cluster)).toContain(management === 'Paused' ? 'False Paused' : 'False Drifted');
    },
  );

  it.each(['Observe', 'Paused'] as const)('(%s) goes with its OAuthClient', async (management) => {
    const cluster = await aReadyCluster();
    change(cluster, managed(management));
    await cluster.client();
    change(cluster, { metadata: { deletionTimestamp: '2026-06-01T12:00:00Z' } });
    await cluster.client();
    expect(clientIDs(cluster)).toEqual([]);
  });
});
