import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { aClient, aTenantScope, withSpec } from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { KubeObject } from '../kube/objects.ts';

const denials = ({ audit }: Cluster): string[] =>
  audit.filter(({ act }) => act === 'deny').map(({ object, reason }) => `${object} ${reason}`);

const aNamespace = (labels: object): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme-prod', labels } }) as KubeObject;
const suspended = aTenantScope(withSpec<TenantScope>({ suspend: true }));

describe('what an object asks for and may not have', () => {
  it('leaves a line once, however often it is looked at', async () => {
    const cluster = await aReadyCluster();
    cluster.put(suspended);
    for (let look = 0; look < 3; look++) await cluster.binding();
    expect(denials(cluster)).toEqual(['WorkloadIdentityBinding acme-prod/billing-api Suspended']);
  });

  it('leaves another when it was allowed in between', async () => {
    const cluster = await aReadyCluster();
    cluster.put(suspended);
    await cluster.binding();
    cluster.put(aTenantScope());
    await cluster.binding();
    expect(denials(cluster)).toHaveLength(1);
    cluster.put(suspended);
    await cluster.binding();
    expect(denials(cluster)).toHaveLength(2);
  });

  it('leaves another when it is denied for another reason', async () => {
    const cluster = await aReadyCluster();
    cluster.put(aClient(withSpec<OAuthClient>({ scopes: ['admin'] })));
    await cluster.client();
    cluster.put(suspended);
    await cluster.client();
    expect(denials(cluster)).toEqual([
      'OAuthClient acme-prod/billing ScopeNotAllowed',
      'OAuthClient acme-prod/billing Suspended',
    ]);
  });

  it('names the tenant, but for what is of none', async () => {
    const cluster = await aReadyCluster();
    cluster.put(suspended);
    await cluster.client();
    cluster.put(aNamespace({}));
    await cluster.client();
    expect(
      cluster.audit.filter(({ act }) => act === 'deny').map(({ reason, tenantID }) => [reason, tenantID]),
    ).toEqual([
      ['Suspended', 'acme'],
      ['NoTenantScope', undefined],
    ]);
  });

  it('leaves none while all is allowed', async () => {
    const cluster = await aReadyCluster();
    await cluster.client();
    await cluster.binding();
    expect(denials(cluster)).toEqual([]);
  });
});
