import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import {
  away,
  change,
  clientIDs,
  exists,
  live,
  loseAnswerTo,
  operations,
  ready,
  registerWithoutRecord,
  remove,
  secretNames,
  vanish,
} from '../../../test/gen/client-steps.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../../test/gen/objects.ts';
import type { OAuthClient } from '../../api/oauth-client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';

const record = { namespace: 'grantor-system', name: 'client-uid-billing' };

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

  it('does not go before its registration, though the cache does not know of our record yet', async () => {
    const cluster = await aReadyCluster();
    const { uid = '' } = cluster.kube.find('secrets', record)?.metadata ?? {};
    cluster.world.registrations.store.forget(`${record.namespace}/${record.name}`, uid);
    remove(cluster);
    await cluster.client();
    expect(exists(cluster)).toBe(true);
    await cluster.clock.advance(seconds(1));
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster), secretNames(cluster)]).toEqual([false, [], []]);
  });

  it('does not go on the account of an earlier record, which says that nothing was ever sent', async () => {
    const cluster = await aReadyCluster();
    const stored = cluster.kube.find('secrets', record) ?? expect.unreachable();
    const { metadata } = stored;
    const annotations = { ...metadata.annotations, 'grantor.dev/phase': 'Prepared' };
    const { registrations } = cluster.world;
    registrations.store.forget(`${record.namespace}/${record.name}`, metadata.uid);
    registrations.observe({ ...stored, metadata: { ...metadata, annotations, resourceVersion: '1' } });
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), secretNames(cluster)]).toEqual([true, [record.name]]);
    registrations.observe(stored);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster), secretNames(cluster)]).toEqual([false, [], []]);
  });

  it('is not made anew by one who does not know yet that another controller has finished the deletion', async () => {
    const cluster = await aReadyCluster();
    loseAnswerTo(cluster, 'update');
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    remove(cluster);
    // What the other one did, and no watch has told.
    cluster.driver.clients.clear();
    cluster.kube.remove('secrets', record);
    cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    for (let minute = 0; minute < 5; minute++) {
      await cluster.client();
      await cluster.clock.advance(minutes(1));
    }
    expect(operations(cluster)).toEqual(['register', 'update', 'revokeAll', 'deregister']);
    expect(clientIDs(cluster)).toEqual([]);
  });

  it('is found by its mark when the answer to its registration was lost', async () => {
    const cluster = aCluster();
    await registerWithoutRecord(cluster);
    cluster.kube.recover();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });

  it('waits until it is known whether its issuer could find it', async () => {
    const cluster = aCluster();
    await registerWithoutRecord(cluster);
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

describe('a client that is to be left behind', () => {
  const toLeave = async (): Promise<Cluster> => {
    const cluster = await aReadyCluster();
    change(cluster, { metadata: { generation: 2 }, spec: { deletionPolicy: 'Orphan' } });
    await cluster.client();
    return cluster;
  };

  it('keeps neither rights nor its ServiceAccount at the issuer: its tenant may be suspended later', async () => {
    const cluster = await toLeave();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
    const [left] = cluster.driver.clients.values();
    expect(left?.desired).toMatchObject({
      scopes: [],
      audiences: [],
      roles: [],
      authentication: { method: 'Secret' },
    });
  });

  it('takes a record with it that cannot be read', async () => {
    const cluster = await toLeave();
    const stored = cluster.kube.find('secrets', record);
    cluster.put({ ...stored, metadata: { ...stored?.metadata, annotations: {} } } as KubeObject);
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
  });
});

describe('a client that takes the ServiceAccount of a younger one', () => {
  it('gets it, also at the issuer', async () => {
    const account = (name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'acme-prod', name, uid: `uid-${name}` },
    });
    const elder = aClient(withMetadata({ finalizers: [] }), withStatus({}));
    const younger = aClient(
      withMetadata({
        name: 'younger',
        uid: 'uid-younger',
        creationTimestamp: '2026-02-01T00:00:00Z',
        finalizers: [],
      }),
      withStatus({}),
      withSpec({ authentication: { federated: { serviceAccountName: 'two' } } }),
    );
    const cluster = await aReadyCluster(account('billing'), account('two'), elder, younger);
    await cluster.client('acme-prod/younger');
    const authentication = { federated: { serviceAccountName: 'two' } };
    change(cluster, { metadata: { generation: 2 }, spec: { authentication } });
    for (const key of ['acme-prod/billing', 'acme-prod/younger']) await cluster.client(key);
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    expect(cluster.condition('oauthclients', 'younger')).toContain('False ServiceAccountTaken');
  });
});

describe('a client that was deleted behind our back and made anew', () => {
  it('goes on from what its predecessor had: the same client, which the issuer is told nothing of', async () => {
    const cluster = await aReadyCluster();
    const before = clientIDs(cluster);
    const successor = (client: OAuthClient): OAuthClient => ({ ...client, status: {} });
    cluster.put(aClient(withMetadata({ uid: 'uid-successor', finalizers: [] }), successor));
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    expect([clientIDs(cluster), operations(cluster)]).toEqual([before, ['register']]);
  });

  it('is not deregistered while only the cache says that it is gone', async () => {
    const cluster = await aReadyCluster();
    cluster.world.clients.store.forget('acme-prod/billing', 'uid-billing');
    await cluster.client();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(operations(cluster)).toEqual(['register']);
    expect(clientIDs(cluster)).toHaveLength(1);
  });

  it('is not deregistered while the API server does not say that it is gone', async () => {
    const cluster = await aReadyCluster();
    vanish(cluster);
    cluster.kube.fail('get', 'unavailable', 'oauthclients');
    await cluster.client();
    expect(clientIDs(cluster)).toHaveLength(1);
    cluster.kube.recover();
    await live(cluster);
    expect([clientIDs(cluster), secretNames(cluster)]).toEqual([[], []]);
  });

  it('is deregistered at its own issuer, whichever its successor names', async () => {
    const other = anIssuer(
      withMetadata({ name: 'other', uid: 'uid-other' }),
      withSpec({ issuer: 'https://other.example' }),
    );
    const cluster = aCluster(
      anIssuer(),
      other,
      aTenantScope(withSpec({ issuerRefs: [{ name: 'login' }, { name: 'other' }] })),
    );
    await cluster.client();
    vanish(cluster);
    cluster.put(
      aClient(
        withMetadata({ uid: 'uid-successor', finalizers: [] }),
        withStatus({}),
        withSpec({ issuerRef: { name: 'other' } }),
      ),
    );
    const asked = issuersAsked(cluster);
    await cluster.client();
    expect(operations(cluster)).toEqual(['register', 'register', 'revokeAll', 'deregister']);
    expect(asked).toEqual(['https://other.example', 'https://login.example']);
  });
});

/** The identifiers of the issuers whose drivers are used from now on. */
function issuersAsked({ environment: { issuers } }: Cluster): string[] {
  const asked: string[] = [];
  const driver = issuers.driver.bind(issuers);
  issuers.driver = (issuer) => {
    asked.push(issuer.spec.issuer);
    return driver(issuer);
  };
  return asked;
}
