import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { minutes, seconds } from '../std/duration.ts';

const ready = (cluster: Cluster): string => cluster.condition('oauthclients', 'billing');
const operations = ({ driver }: Cluster): string[] => driver.calls.map(({ operation }) => operation);
const clientIDs = ({ driver }: Cluster): string[] => [...driver.clients.keys()];
const away: IssuerFailure = { kind: 'unavailable', detail: 'no answer' };

const record = { namespace: 'grantor-system', name: 'client-uid-billing' };
const suspended = aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true }));
const anyLogin = {
  grantTypes: ['ClientCredentials'] as const,
  authentication: ['Federated', 'PrivateKey', 'Secret'] as const,
};
const withSecret = aClient(
  withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }),
  withMetadata({ finalizers: [] }),
  withStatus({}),
);

/** Changes the client as it is stored now. */
function change(cluster: Cluster, to: { readonly metadata?: object; readonly spec?: object }): void {
  const stored = cluster.kube.find<KubeObject & { spec: object }>('oauthclients', {
    namespace: 'acme-prod',
    name: 'billing',
  });
  if (stored === undefined) throw new Error('there is no client');
  const metadata = { ...stored.metadata, ...to.metadata };
  cluster.put({ ...stored, metadata, spec: { ...stored.spec, ...to.spec } } as KubeObject);
}
const remove = (cluster: Cluster): void =>
  change(cluster, { metadata: { deletionTimestamp: '2026-06-01T12:00:00Z' } });
const exists = ({ kube }: Cluster): boolean =>
  kube.find('oauthclients', { namespace: 'acme-prod', name: 'billing' }) !== undefined;

/** Registers the client while its record cannot be written: its controller tries for a while, then gives up. */
async function loseAnswer(cluster: Cluster): Promise<void> {
  cluster.kube.fail('replace', 'unavailable', 'secrets');
  const gaveUp = cluster.client();
  await cluster.clock.advance(seconds(15));
  await gaveUp;
}

describe('a registration', () => {
  it('is stored as an intent before the issuer is asked, and with its answer right after', async () => {
    const cluster = aCluster();
    expect(await cluster.client()).toEqual({ kind: 'done' });
    expect(cluster.kube.writes).toEqual([
      'patchMetadata oauthclients acme-prod/billing',
      'create secrets grantor-system/client-uid-billing',
      'replace secrets grantor-system/client-uid-billing',
      'applyStatus oauthclients acme-prod/billing',
    ]);
    expect(operations(cluster)).toEqual(['register']);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is not touched by a restart', async () => {
    const cluster = await aReadyCluster();
    cluster.restart();
    await cluster.client();
    expect(cluster.kube.writes).toEqual([]);
    expect(operations(cluster)).toEqual(['register']);
  });

  it('regression 2: whose answer could not be stored is not ready until it is found again: same client, no orphan', async () => {
    const cluster = aCluster();
    await loseAnswer(cluster);
    expect(ready(cluster)).toContain('False SecretWriteFailed');
    const [clientID] = clientIDs(cluster);
    cluster.kube.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(clientIDs(cluster)).toEqual([clientID]);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('that cannot be brought up to date is not ready, and heals', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('update', away);
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    expect(ready(cluster)).toContain('False IssuerUnavailable');
    await cluster.clock.advance(seconds(1));
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    expect(operations(cluster)).toEqual(['register', 'update', 'update']);
  });

  it.each<IssuerFailure['kind']>(['unauthorized', 'unavailable', 'malformed', 'notFound', 'rejected'])(
    'is never made a second time because an update was answered with %s',
    async (kind) => {
      const cluster = await aReadyCluster();
      cluster.driver.fail('update', { kind, detail: 'no' }, Infinity);
      change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
      for (let minute = 0; minute < 30; minute++) {
        await cluster.client();
        await cluster.clock.advance(minutes(1));
      }
      expect(operations(cluster).filter((operation) => operation === 'register')).toHaveLength(1);
      expect(operations(cluster).length).toBeLessThan(35);
    },
  );

  it('follows its tenant: suspended it has no rights, and gets them back with the same id', async () => {
    const cluster = await aReadyCluster();
    const [clientID = ''] = clientIDs(cluster);
    cluster.put(suspended);
    await cluster.client();
    expect(cluster.driver.clients.get(clientID)?.desired).toMatchObject({
      scopes: [],
      audiences: [],
      roles: [],
    });
    cluster.put(aTenantScope(withMetadata({ generation: 3 })));
    await cluster.client();
    expect(cluster.driver.clients.get(clientID)?.desired).toMatchObject({
      audiences: ['https://api.example'],
    });
    expect(clientIDs(cluster)).toEqual([clientID]);
  });
});

describe('credentials', () => {
  const aClusterWithCredentials = () =>
    aReadyCluster(withSecret, aTenantScope(withSpec({ clients: anyLogin })));

  it('that the tenant deleted come back as they were, and the issuer is not asked', async () => {
    const cluster = await aClusterWithCredentials();
    const before = cluster.secret('credentials');
    cluster.kube.remove('secrets', { namespace: 'acme-prod', name: 'credentials' });
    cluster.restart();
    await cluster.client();
    expect(cluster.secret('credentials')).toEqual(before);
    expect(operations(cluster)).toEqual(['register']);
  });

  it('of an earlier client of the same name are not taken for ours, nor touched', async () => {
    const cluster = await aClusterWithCredentials();
    const copy = cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'credentials' });
    const [owner] = copy?.metadata.ownerReferences ?? [];
    const ownerReferences = owner ? [{ ...owner, uid: 'uid-of-another' }] : [];
    cluster.put({ ...copy, metadata: { ...copy?.metadata, ownerReferences } } as KubeObject);
    cluster.kube.writes.length = 0;
    await cluster.client();
    expect(ready(cluster)).toContain('False SecretConflict');
    expect(cluster.kube.writes.filter((write) => /^(delete|replace) secrets/.test(write))).toEqual([]);
  });

  it('of a refused client go, though its issuer is away and has not heard of it', async () => {
    const cluster = await aClusterWithCredentials();
    cluster.driver.fail('update', away, Infinity);
    cluster.put(suspended);
    await cluster.client();
    expect(cluster.secret('credentials')).toBeUndefined();
    cluster.driver.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect([...cluster.driver.clients.values()][0]?.desired.scopes).toEqual([]);
  });

  it('of a suspended tenant go, though its issuer cannot be read', async () => {
    const cluster = await aClusterWithCredentials();
    cluster.put(suspended);
    cluster.put(anIssuer(withMetadata({ generation: 2 }), withSpec({ limits: 'all' as never })));
    await cluster.client();
    expect(cluster.secret('credentials')).toBeUndefined();
    expect(ready(cluster)).toContain('False Suspended');
  });
});

describe('a client that is deleted', () => {
  it('waits for its issuer, and goes when that is back', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('deregister', away, Infinity);
    remove(cluster);
    await cluster.client();
    expect(ready(cluster)).toContain('False IssuerUnavailable');
    expect(exists(cluster)).toBe(true);
    cluster.driver.recover();
    await cluster.clock.advance(seconds(1));
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });

  it('is found by its mark when the answer to its registration was lost', async () => {
    const cluster = aCluster();
    await loseAnswer(cluster);
    cluster.kube.recover();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });

  it('waits until it is known whether its issuer could find it', async () => {
    const cluster = aCluster();
    await loseAnswer(cluster);
    cluster.kube.recover();
    cluster.put(anIssuer(withStatus({ observedGeneration: 1, capabilities: [] })));
    remove(cluster);
    await cluster.client();
    expect(exists(cluster)).toBe(true);
    expect(ready(cluster)).toContain('False IssuerNotReady');
  });

  it('stays while our record of it cannot be read, and says which Secret it is', async () => {
    const cluster = await aReadyCluster();
    const stored = cluster.kube.find('secrets', record);
    cluster.put({ ...stored, metadata: { ...stored?.metadata, annotations: {} } } as KubeObject);
    remove(cluster);
    await cluster.client();
    expect(exists(cluster)).toBe(true);
    expect(ready(cluster)).toContain('False Malformed: Secret client-uid-billing');
  });
});

describe('a client that was deleted behind our back and made anew', () => {
  it('gets its registration once that of its predecessor, which holds the ServiceAccount, is gone', async () => {
    const cluster = await aReadyCluster();
    const [before] = clientIDs(cluster);
    const successor = (client: OAuthClient): OAuthClient => ({ ...client, status: {} });
    cluster.put(aClient(withMetadata({ uid: 'uid-successor', finalizers: [] }), successor));
    await cluster.client();
    await cluster.clock.advance(seconds(15));
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    expect(clientIDs(cluster)).toHaveLength(1);
    expect(clientIDs(cluster)).not.toContain(before);
  });
});
