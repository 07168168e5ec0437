import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster } from '../../../test/gen/a-cluster.ts';
import { plain } from '../../../test/gen/client-plans.ts';
import {
  anyLogin,
  away,
  change,
  clientIDs,
  operations,
  ready,
  registerWithoutRecord,
  scopeOf,
  withSecret,
} from '../../../test/gen/client-steps.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../../test/gen/objects.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { minutes, seconds } from '../../std/duration.ts';

const suspended = scopeOf(2, true);
const keyed = aClient(
  withSpec({ authentication: { privateKey: { algorithm: 'ES256', secretRef: { name: 'key' } } } }),
  withMetadata({ finalizers: [] }),
  withStatus({}),
);

describe('a registration', () => {
  it('is stored as an intent, as an attempt before the issuer is asked, and with its answer right after', async () => {
    const cluster = aCluster();
    await cluster.client();
    expect(cluster.kube.writes).toEqual([
      'patchMetadata oauthclients acme-prod/billing',
      'create secrets grantor-system/client-uid-billing',
      'replace secrets grantor-system/client-uid-billing',
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
    await registerWithoutRecord(cluster);
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
      const cluster = await aReadyCluster(plain);
      cluster.driver.capabilities.delete('IdempotentRegister');
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

  it.each<IssuerFailure['kind']>(['unauthorized', 'notFound'])(
    'whose update was answered with %s heals by its mark where that gives the same client',
    async (kind) => {
      const cluster = await aReadyCluster();
      const [clientID] = clientIDs(cluster);
      cluster.driver.fail('update', { kind, detail: 'no' }, Infinity);
      change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
      await cluster.client();
      await cluster.clock.advance(minutes(1));
      await cluster.client();
      expect(ready(cluster)).toContain('True Ready');
      expect(clientIDs(cluster)).toEqual([clientID]);
      expect(cluster.driver.clients.get(clientID ?? '')?.desired.roles).toEqual([]);
    },
  );

  it('that the issuer lost is made again, and the tenant gets its new id', async () => {
    const cluster = await aReadyCluster(keyed, aTenantScope(withSpec({ clients: anyLogin })));
    cluster.driver.clients.clear();
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    const [clientID] = clientIDs(cluster);
    expect(ready(cluster)).toContain('True Ready');
    expect(cluster.secret('key')).toMatchObject({ client_id: clientID });
  });

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
