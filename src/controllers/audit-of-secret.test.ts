import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { aTenantScope, withSpec } from '../../test/gen/objects.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { auditOfSecret } from './audit-of-secret.ts';

const ofBinding = { namespace: 'acme-prod', ownerName: 'billing-api', ownerUID: 'uid-billing-api' };
const ofClient = { namespace: 'acme-prod', ownerName: 'billing', ownerUID: 'uid-billing' };

async function withToken(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await cluster.binding();
  return cluster;
}
const clientID = ({ driver }: Cluster): string | undefined => [...driver.clients.keys()][0];
const another = aTenantScope(withSpec<TenantScope>({ tenantID: 'another' }));

describe('an audit line about a Secret says whose it is', () => {
  it('by what the binding was granted, whatever the tenant of the namespace is now', async () => {
    const cluster = await withToken();
    cluster.put(another);
    expect(auditOfSecret(cluster.environment, 'grantor.dev/token', ofBinding)).toEqual({
      ...{ binding: 'acme-prod/billing-api', client: 'acme-prod/billing' },
      ...{ clientID: clientID(cluster), tenantID: 'acme' },
    });
  });

  it('by what the client is registered for', async () => {
    const cluster = await withToken();
    cluster.put(another);
    expect(auditOfSecret(cluster.environment, 'grantor.dev/client', ofClient)).toEqual({
      ...{ client: 'acme-prod/billing', clientID: clientID(cluster), tenantID: 'acme' },
    });
  });

  it.each(['grantor.dev/token', 'grantor.dev/client'] as const)(
    'by its namespace where the owner is gone, or is another one of its name (%s)',
    async (type) => {
      const cluster = await withToken();
      const of = { ...(type === 'grantor.dev/token' ? ofBinding : ofClient), ownerUID: 'uid-before' };
      const found = auditOfSecret(cluster.environment, type, of);
      expect(found).toMatchObject({ tenantID: 'acme' });
      expect(found.clientID).toBeUndefined();
    },
  );
});
