import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { clientIDs, exists, remove } from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { Condition, KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';

const record = { namespace: 'grantor-system', name: 'client-uid-billing' };
const issuer = ({ kube }: Cluster) =>
  kube.find<KubeObject & { status?: { conditions?: Condition[] } }>('oauthissuers', { name: 'login' });
const finalizers = (cluster: Cluster): readonly string[] | undefined => issuer(cluster)?.metadata.finalizers;
const told = (cluster: Cluster): string => {
  const [ready] = issuer(cluster)?.status?.conditions ?? [];
  return ready ? `${ready.status} ${ready.reason}: ${ready.message}` : 'nothing';
};

/** Asks for the deletion of the issuer, which is another generation of it. */
function removeIssuer(cluster: Cluster): void {
  const stored = issuer(cluster);
  if (stored === undefined) throw new Error('there is no issuer');
  const metadata = { ...stored.metadata, generation: 2, deletionTimestamp: '2026-06-01T12:00:00Z' };
  cluster.put({ ...stored, metadata });
}

describe('an issuer', () => {
  it('is held before anything of it is used', async () => {
    const cluster = aCluster(anIssuer(withMetadata({ finalizers: ['example.com/other'] }), withStatus({})));
    cluster.driver.fail('discover', { kind: 'unavailable', detail: 'no answer' });
    await cluster.issuer();
    expect(finalizers(cluster)).toEqual(['example.com/other', 'grantor.dev/clients']);
    expect(cluster.kube.writes).toEqual([
      'patchMetadata oauthissuers login',
      'applyStatus oauthissuers login',
    ]);
  });

  it('that is deleted goes at once where nobody refers to it', async () => {
    const cluster = aCluster();
    cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    cluster.world.clients.store.forget('acme-prod/billing', 'uid-billing');
    await cluster.issuer();
    removeIssuer(cluster);
    await cluster.issuer();
    expect(issuer(cluster)).toBeUndefined();
    expect(cluster.environment.issuers.has('login')).toBe(false);
  });

  it('that is deleted stays with its means of withdrawal, and nothing is to be had there any more', async () => {
    const cluster = await aReadyCluster(aTenantScope(withSpec({ withdrawalDelay: seconds(0) })));
    await cluster.binding();
    removeIssuer(cluster);
    await cluster.issuer();
    expect(told(cluster)).toBe('False IssuerGoing: it is being deleted, and stays for its OAuthClients (1)');
    await cluster.client();
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(cluster.condition('oauthclients', 'billing')).toContain('False IssuerGoing');
    const [left] = cluster.driver.clients.values();
    expect(left?.desired).toMatchObject({ scopes: [], audiences: [], roles: [] });

    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
    await cluster.issuer();
    expect(issuer(cluster)).toBeUndefined();
  });

  it('that is deleted while it is away stays what it was: its clients are let go when it is back', async () => {
    const cluster = await aReadyCluster();
    const away = { kind: 'unavailable', detail: 'no answer' } as const;
    cluster.driver.fail('discover', away, Infinity);
    cluster.restart();
    removeIssuer(cluster);
    await cluster.issuer();
    expect(told(cluster)).toContain('False IssuerGoing');
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });

  it.each([
    ['a client', 'clients', { namespace: 'acme-prod', name: 'billing' }, 'uid-billing'],
    ['a registration', 'registrations', record, ''],
  ] as const)('does not go before %s that the caches do not know of yet', async (_, kind, at, known) => {
    const cluster = await aReadyCluster();
    if (kind === 'registrations') {
      cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
      cluster.world.clients.store.forget('acme-prod/billing', 'uid-billing');
    }
    const uid = known || (cluster.kube.find('secrets', at)?.metadata.uid ?? '');
    cluster.world[kind].store.forget(`${at.namespace}/${at.name}`, uid);
    if (kind === 'clients') {
      const secret = cluster.kube.find('secrets', record)?.metadata.uid ?? '';
      cluster.world.registrations.store.forget(`${record.namespace}/${record.name}`, secret);
    }
    removeIssuer(cluster);
    await cluster.issuer();
    expect(issuer(cluster)).toBeDefined();
    expect(cluster.world[kind].store.get(`${at.namespace}/${at.name}`)).toBeDefined();
    await cluster.clock.advance(minutes(1));
    await cluster.issuer();
    expect(told(cluster)).toContain(kind === 'clients' ? 'OAuthClients (1)' : 'registrations there (1)');
  });

  it('does not go while a record cannot be read, which may be of its client', async () => {
    const cluster = await aReadyCluster();
    const stored = cluster.kube.find('secrets', record);
    cluster.put({ ...stored, metadata: { ...stored?.metadata, annotations: {} } } as KubeObject);
    cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    cluster.world.clients.store.forget('acme-prod/billing', 'uid-billing');
    removeIssuer(cluster);
    await cluster.issuer();
    await cluster.clock.advance(seconds(1));
    expect(told(cluster)).toContain('registrations there (1)');
  });

  it('does not go while the API server does not say that nothing refers to it', async () => {
    const cluster = aCluster();
    cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    cluster.world.clients.store.forget('acme-prod/billing', 'uid-billing');
    removeIssuer(cluster);
    cluster.kube.fail('list', 'unavailable', 'oauthclients');
    await cluster.issuer();
    expect(told(cluster)).toContain('False IssuerGoing: nothing is known to refer to it');
    cluster.kube.recover();
    await cluster.clock.advance(minutes(1));
    await cluster.issuer();
    expect(issuer(cluster)).toBeUndefined();
  });
});
