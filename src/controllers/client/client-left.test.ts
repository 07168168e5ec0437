import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import {
  aMarkingCluster,
  anyLogin,
  away,
  change,
  clientIDs,
  exists,
  live,
  operations,
  ready,
  remove,
  secretNames,
} from '../../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import { releaseAnnotation } from '../../api/metadata.ts';
import type { OAuthClient } from '../../api/oauth-client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { hours } from '../../std/duration.ts';

type Policy = OAuthClient['spec']['deletionPolicy'];

const held = ({ driver }: Cluster) => [...driver.clients.values()].map(({ desired }) => desired);
const orphaning = (orphaning: 'Denied' | 'Allowed') =>
  aTenantScope(withMetadata({ generation: 2 }), withSpec({ clients: { ...anyLogin, orphaning } }));

/** Deletes the client of this cluster. */
async function gone(cluster: Cluster, deletionPolicy: Policy): Promise<void> {
  change(cluster, { metadata: { generation: 2 }, spec: { deletionPolicy } });
  await cluster.client();
  remove(cluster);
  await live(cluster, 3);
  expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
}

async function aReadyMarkingCluster(): Promise<Cluster> {
  const cluster = aMarkingCluster();
  await cluster.client();
  return cluster;
}

const issuers: readonly [string, () => Promise<Cluster>][] = [
  ['that gives out registration access tokens', aReadyCluster],
  ['that keeps marks', aReadyMarkingCluster],
];

describe.each(issuers)('at an issuer %s', (_, create) => {
  it.each(['Disable', 'Orphan'] as const)('%s leaves a client with nothing to obtain', async (policy) => {
    const cluster = await create();
    await gone(cluster, policy);
    expect(held(cluster)).toMatchObject([{ scopes: [], audiences: [], roles: [], tenantID: 'withdrawn' }]);
    expect(operations(cluster)).toContain('revokeAll');
    expect(operations(cluster)).not.toContain('deregister');
  });

  it('Orphan leaves it with all its rights where the TenantScope allows that', async () => {
    const cluster = await create();
    const [before] = held(cluster);
    cluster.put(orphaning('Allowed'));
    await gone(cluster, 'Orphan');
    const { mark: _, ...rest } = before ?? expect.unreachable();
    expect(held(cluster)).toMatchObject([rest]);
    expect(operations(cluster)).not.toContain('revokeAll');
  });

  it('Orphan leaves it with nothing to obtain where its tenant is suspended', async () => {
    const cluster = await create();
    const { spec } = orphaning('Allowed');
    cluster.put(aTenantScope(withMetadata({ generation: 3 }), withSpec({ ...spec, suspend: true })));
    await gone(cluster, 'Orphan');
    expect(held(cluster)).toMatchObject([{ audiences: [] }]);
  });
});

describe('a client that was left at an issuer that keeps marks', () => {
  it.each(['Disable', 'Orphan'] as const)('(%s) is not swept', async (policy) => {
    const cluster = await aReadyMarkingCluster();
    cluster.put(orphaning('Allowed'));
    await gone(cluster, policy);
    for (let n = 0; n < 3; n++) {
      await cluster.sweep();
      await cluster.clock.advance(hours(1));
    }
    expect(clientIDs(cluster)).toHaveLength(1);
  });

  it.each(['Disable', 'Orphan'] as const)(
    '(%s) is found again by an OAuthClient of its name',
    async (policy) => {
      const cluster = await aReadyMarkingCluster();
      cluster.put(orphaning('Allowed'));
      const ids = clientIDs(cluster);
      await gone(cluster, policy);
      cluster.put(aClient(withMetadata({ uid: 'uid-successor', finalizers: [] }), withStatus({})));
      await cluster.client();
      expect([ready(cluster), clientIDs(cluster)]).toEqual([`True Ready: as ${ids[0]}`, ids]);
    },
  );

  it('(Orphan) is not given to another tenant', async () => {
    const cluster = await aReadyMarkingCluster();
    cluster.put(orphaning('Allowed'));
    await gone(cluster, 'Orphan');
    const before = held(cluster);
    const tokens = { ...aTenantScope().spec.tokens, requiredClaims: {} };
    cluster.put(
      aTenantScope(
        withMetadata({ generation: 4, uid: 'uid-other' }),
        withSpec({ tenantID: 'other', clients: anyLogin, tokens }),
      ),
    );
    cluster.put(aClient(withMetadata({ uid: 'uid-successor', finalizers: [] }), withStatus({})));
    await live(cluster, 2);
    expect(ready(cluster)).toContain('False IssuerRejected');
    expect(held(cluster)).toEqual(before);
  });
});

describe('regression 6: the annotation that releases a client', () => {
  const release = (cluster: Cluster): void =>
    change(cluster, { metadata: { annotations: { [releaseAnnotation]: 'true' } } });
  const released = ({ audit }: Cluster) => audit.filter(({ act }) => act === 'release');

  it.each<[string, (cluster: Cluster) => void]>([
    ['is away', ({ driver }) => driver.fail('deregister', away, Infinity)],
    [
      'does not let us',
      ({ driver }) => driver.fail('deregister', { kind: 'rejected', detail: 'no' }, Infinity),
    ],
    [
      'is gone',
      ({ kube, world }) => {
        kube.remove('oauthissuers', { name: 'login' });
        world.issuers.store.forget('login', 'uid-login');
      },
    ],
    [
      'is known, and our record cannot be read',
      (cluster) => {
        const at = { namespace: 'grantor-system', name: 'client-uid-billing' };
        const stored = cluster.kube.find('secrets', at);
        cluster.put({ ...stored, metadata: { ...stored?.metadata, annotations: {} } } as KubeObject);
      },
    ],
  ])('lets it go where its issuer %s, and says what may be left', async (_, spoil) => {
    const cluster = await aReadyCluster();
    spoil(cluster);
    remove(cluster);
    await live(cluster, 3);
    expect(exists(cluster)).toBe(true);
    expect(ready(cluster)).toContain('False');
    release(cluster);
    await live(cluster, 1);
    expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
    expect(released(cluster)).toMatchObject([
      { object: 'OAuthClient acme-prod/billing', outcome: 'success' },
    ]);
  });

  it('is of no use where the issuer does as it is told, nor for a client that stays', async () => {
    const cluster = await aReadyCluster();
    release(cluster);
    await live(cluster, 2);
    expect(ready(cluster)).toContain('True Ready');
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster), released(cluster)]).toEqual([false, [], []]);
  });

  it('is of no use with another value', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('deregister', away, Infinity);
    change(cluster, { metadata: { annotations: { [releaseAnnotation]: 'false' } } });
    remove(cluster);
    await live(cluster, 3);
    expect(exists(cluster)).toBe(true);
  });
});

it('regression 7: what the issuer does not know any more is deleted, also by its mark', async () => {
  const cluster = await aReadyMarkingCluster();
  cluster.driver.clients.clear();
  remove(cluster);
  await cluster.client();
  expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
});
