import { describe, expect, it } from 'vitest';
import { aReadyCluster, Cluster } from '../../test/gen/a-cluster.ts';
import {
  aMarkingCluster,
  clientIDs,
  live,
  operations,
  ready,
  secretNames,
} from '../../test/gen/client-steps.ts';
import { aTenantScope, withSpec } from '../../test/gen/objects.ts';
import type { KubeObject } from '../kube/objects.ts';

const isRecord = ({ metadata }: KubeObject): boolean => metadata.namespace === 'grantor-system';
const isClient = ({ kind }: KubeObject): boolean => kind === 'OAuthClient';

/**
 * The cluster as it comes back from a backup: everything has another UID, no object of ours has a status, and what the garbage collector
 * takes, since its owner is gone, is not there. Only what is `kept` came back so far.
 */
function restored({ kube, driver }: Cluster, kept: (object: KubeObject) => boolean = () => true): Cluster {
  const objects = [...kube.objects.values()]
    .filter((object) => kept(object) && !(object.metadata as { ownerReferences?: unknown }).ownerReferences)
    .map((object) => {
      const metadata = { ...object.metadata, uid: `${object.metadata.uid}-restored` };
      const { status: _, ...rest } = object as KubeObject & { status?: unknown };
      const isIssuer = object.kind === 'OAuthIssuer';
      return isIssuer ? { ...object, metadata } : { ...rest, metadata };
    });
  return new Cluster(objects, { issuer: driver });
}

describe('regression 29: a cluster that came back from a backup with other UIDs', () => {
  it('has the same client under the same id, for the ServiceAccount that it has now', async () => {
    const before = await aReadyCluster();
    const ids = clientIDs(before);
    const after = restored(before);
    await after.client();
    expect(ready(after)).toContain('True Ready');
    expect(clientIDs(after)).toEqual(ids);
    expect(operations(after)).toEqual(['register', 'update']);
    expect(secretNames(after).filter((name) => name.startsWith('client-'))).toHaveLength(1);
  });

  it('loses nothing where our records came back first, and the OAuthClients minutes later', async () => {
    const before = await aReadyCluster();
    const ids = clientIDs(before);
    const after = restored(before, (object) => !isClient(object));
    await live(after, 9);
    expect(clientIDs(after)).toEqual(ids);
    // Meanwhile nobody could have taken its rights away.
    expect([...after.driver.clients.values()][0]?.desired.audiences).toEqual([]);
    after.put(restoredClient(before));
    await after.client();
    expect(ready(after)).toContain('True Ready');
    expect(clientIDs(after)).toEqual(ids);
    expect([...after.driver.clients.values()][0]?.desired.audiences).toEqual(['https://api.example']);
  });

  it('loses no id where the TenantScopes come back last', async () => {
    const before = await aReadyCluster();
    const ids = clientIDs(before);
    const after = restored(before, ({ kind }) => kind !== 'TenantScope');
    await live(after, 30);
    expect(clientIDs(after)).toEqual(ids);
    after.put(aTenantScope());
    await after.client();
    expect(ready(after)).toContain('True Ready');
    expect(clientIDs(after)).toEqual(ids);
  });

  it('goes on under the same id for ever: what is changed, lost and deleted later', async () => {
    const before = await aReadyCluster();
    const after = restored(before);
    await after.client();
    after.driver.clients.clear();
    await live(after, 31);
    expect(clientIDs(after)).toHaveLength(1);
    expect(ready(after)).toContain('True Ready');
    const stored = after.kube.find('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    const metadata = { ...stored?.metadata, deletionTimestamp: '2026-06-01T12:00:00Z' };
    after.put({ ...stored, metadata } as KubeObject);
    await live(after, 3);
    expect([clientIDs(after), secretNames(after)]).toEqual([[], []]);
  });

  it('gives nothing to another tenant that has the namespace by now', async () => {
    const before = await aReadyCluster();
    const [id] = clientIDs(before);
    const after = restored(before, ({ kind }) => kind !== 'TenantScope');
    const tokens = { ...aTenantScope().spec.tokens, requiredClaims: {} };
    after.put(aTenantScope(withSpec({ tenantID: 'other', tokens })));
    await live(after, 3);
    expect(clientIDs(after)).toHaveLength(1);
    expect(clientIDs(after)).not.toContain(id);
    expect(ready(after)).toContain('True Ready');
  });

  it('finds its clients by their marks where our records are lost, if its issuer keeps marks', async () => {
    const before = aMarkingCluster();
    await before.client();
    const ids = clientIDs(before);
    expect(ids).toHaveLength(1);
    const after = restored(before, (object) => !isRecord(object) || object.kind !== 'Secret');
    await after.client();
    expect(ready(after)).toContain('True Ready');
    expect(clientIDs(after)).toEqual(ids);
    expect([...after.driver.clients.values()][0]?.desired.mark).toContain('uid-billing-restored');
  });
});

/** The OAuthClient alone. */
const restoredClient = (before: Cluster): KubeObject => {
  const found = [...restored(before).kube.objects.values()].find(isClient);
  if (found === undefined) throw new Error('there is no OAuthClient');
  return found;
};
