import { beforeAll, describe, expect, test } from 'vitest';
import { applyManifests, type Manifest } from '../stage/manifests.ts';
import { look } from './look.ts';
import { aBinding, aClient, anIssuer, aServiceAccount, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

interface Row {
  readonly asks: string;
  readonly kind: 'client' | 'binding';
  readonly workload: (namespace: string) => readonly Manifest[];
  /** What the condition says, with the tenant's name for `NS`. */
  readonly says: string;
}

const rows: readonly Row[] = [
  {
    asks: 'issuer',
    kind: 'client',
    workload: (ns) => aWorkload(ns, 'api', { client: { issuerRef: { name: 'other' } } }),
    says: 'False IssuerNotAllowed: spec.issuerRef.name: TenantScope NS does not allow other; allowed: main',
  },
  {
    asks: 'scope',
    kind: 'client',
    workload: (ns) => aWorkload(ns, 'api', { client: { scopes: ['orders.read', 'admin'] } }),
    says: 'False ScopeNotAllowed: spec.scopes: TenantScope NS does not allow admin; allowed: orders.*',
  },
  {
    asks: 'scope-of-binding',
    kind: 'binding',
    workload: (ns) =>
      aWorkload(ns, 'api', { binding: { token: { scopes: ['admin'], audience: 'https://api.example' } } }),
    says: 'False ScopeNotAllowed: spec.token.scopes: TenantScope NS does not allow admin; allowed: orders.*. spec.token.scopes: OAuthClient api does not allow admin; allowed: orders.read',
  },
  {
    asks: 'audience',
    kind: 'client',
    workload: (ns) => aWorkload(ns, 'api', { client: { audiences: ['https://other.example'] } }),
    says: 'False AudienceNotAllowed: spec.audiences: TenantScope NS does not allow https://other.example; allowed: https://api.example',
  },
  {
    asks: 'role',
    kind: 'client',
    workload: (ns) => aWorkload(ns, 'api', { client: { roles: ['root'] } }),
    says: 'False RoleNotAllowed: spec.roles: TenantScope NS does not allow root; allowed: reader',
  },
  {
    asks: 'lifetime',
    kind: 'client',
    workload: (ns) => aWorkload(ns, 'api', { client: { accessTokenLifetime: '1h' } }),
    says: 'False LifetimeNotAllowed: spec.accessTokenLifetime: TenantScope NS does not allow 1h; allowed: at most 15m',
  },
  {
    asks: 'service-account',
    kind: 'binding',
    workload: (ns) => [
      aServiceAccount(ns, 'somebody-else'),
      ...aWorkload(ns, 'api', { binding: { serviceAccountName: 'somebody-else' } }),
    ],
    says: 'False ServiceAccountMismatch: spec.serviceAccountName: OAuthClient api is federated for ServiceAccount api, not for somebody-else',
  },
  {
    asks: 'missing-service-account',
    kind: 'client',
    workload: (ns) => [aClient(ns), aBinding(ns)],
    says: 'False ServiceAccountNotFound: spec.authentication.federated.serviceAccountName: there is no ServiceAccount api',
  },
];

describe.runIf(onOwnControlPlane())('what a tenant may not have', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    const nowhere = anIssuer({ name: 'other', url: 'https://127.0.0.1:1' });
    await applyManifests(stage.kube, [anIssuer({ url: stage.issuerURL }), nowhere]);
  });

  test.each(rows)(
    'regression 11: a forbidden $asks is refused in words that say who forbids it, which field, and what is allowed; nothing is sent',
    async ({ asks, kind, workload, says }) => {
      const tenant = `no-${asks}`;
      await stage.apply([...aTenant(tenant), ...workload(tenant)]);
      // Caches of several kinds fill at their own pace: what counts is the last word.
      const lastWord = says.replaceAll('NS', tenant);
      expect(await see.until(kind, `${tenant}/api`, lastWord, { type: 'Allowed' })).toBe(lastWord);
      await see.until('binding', `${tenant}/api`, 'False');
      expect(await see.secret(`${tenant}/api-token`)).toBeUndefined();
      // A binding that asks for too much is no reason to refuse its client.
      if (kind === 'binding') await see.until('client', `${tenant}/api`, 'True');
      const sent = stage.proxy.requestsAbout(tenant).map(({ method, path }) => `${method} ${path}`);
      expect(sent).toEqual(kind === 'client' ? [] : ['POST /register']);
      expect(stage.issuer.log()).not.toMatch(new RegExp(`token\\.issued.*:${tenant}:`));
    },
  );

  test('a namespace that no TenantScope selects gets nothing', async () => {
    const [namespace] = aTenant('nobodys');
    await stage.apply([namespace!, ...aWorkload('nobodys')]);
    expect(await see.until('client', 'nobodys/api', 'False')).toBe(
      'False NoTenantScope: no TenantScope selects namespace nobodys',
    );
    await see.until('binding', 'nobodys/api', 'False NoTenantScope');
    expect(stage.proxy.requestsAbout('nobodys')).toEqual([]);
  });
});
