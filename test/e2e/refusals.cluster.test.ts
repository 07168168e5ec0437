import { beforeAll, describe, expect, test } from 'vitest';
import { awaitRequest, selectRequests } from '../cluster/audit-log.ts';
import { applyManifests, type Manifest } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aSecret,
  aServiceAccount,
  aTenant,
  aWorkload,
  forVolumes,
} from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

interface Row {
  readonly asks: string;
  readonly kind: 'client' | 'binding';
  readonly workload: (namespace: string) => readonly Manifest[];
  /** What its TenantScope says otherwise than `aTenant`. */
  readonly ceiling?: Readonly<Record<string, unknown>>;
  /** What the condition `Allowed` says, with the tenant's name for `NS`. */
  readonly says: string;
  /** What the binding of a refused client says, if it has something to say for itself. */
  readonly binding?: string;
}

/** What a refused client says, in the words of its binding. */
const ofTheClient = (says: string): string =>
  says.replace(/^False \w+: /, 'False ClientNotAllowed: spec.clientRef: OAuthClient api is refused: ');

/** As much of `aTenant` as a test needs that says something of tokens. */
const mayHave = { scopes: ['orders.*'], audiences: ['https://api.example'], roles: ['reader'] };

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
    binding:
      'False AudienceNotAllowed: spec.token.audience: OAuthClient api does not allow https://api.example; allowed: https://other.example. spec.clientRef: OAuthClient api is refused: spec.audiences: TenantScope NS does not allow https://other.example; allowed: https://api.example',
  },
  {
    asks: 'redirect',
    kind: 'client',
    workload: (ns) =>
      aWorkload(ns, 'api', {
        client: {
          grantTypes: ['ClientCredentials', 'AuthorizationCode'],
          redirectURIs: ['https://app.example/callback', 'https://app.example.evil/callback'],
        },
      }),
    ceiling: {
      clients: { grantTypes: ['ClientCredentials', 'AuthorizationCode'], redirectHosts: ['app.example'] },
    },
    says: 'False RedirectURINotAllowed: spec.redirectURIs: TenantScope NS does not allow https://app.example.evil/callback; allowed: app.example. spec.grantTypes: OAuthIssuer main does not support AuthorizationCode',
  },
  {
    asks: 'grant-type',
    kind: 'client',
    workload: (ns) =>
      aWorkload(ns, 'api', {
        client: {
          grantTypes: ['ClientCredentials', 'AuthorizationCode'],
          redirectURIs: ['https://app.example/callback'],
        },
      }),
    ceiling: { clients: { redirectHosts: ['app.example'] } },
    says: 'False GrantTypeNotAllowed: spec.grantTypes: TenantScope NS does not allow AuthorizationCode; allowed: ClientCredentials. spec.grantTypes: OAuthIssuer main does not support AuthorizationCode',
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
    asks: 'unbound-token',
    kind: 'client',
    workload: (ns) => aWorkload(ns),
    ceiling: { tokens: { ...mayHave, proofOfPossession: 'DPoP' } },
    says: 'False ProofOfPossessionRequired: spec.proofOfPossession: TenantScope NS does not allow None; allowed: DPoP',
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
    asks: 'unlabelled-service-account',
    kind: 'client',
    workload: (ns) => aWorkload(ns),
    ceiling: { serviceAccountSelector: { matchLabels: { tier: 'backend' } } },
    says: 'False ServiceAccountNotAllowed: spec.authentication.federated.serviceAccountName: TenantScope NS does not allow api; allowed: those labelled tier=backend',
    binding:
      'False ServiceAccountNotAllowed: spec.serviceAccountName: TenantScope NS does not allow api; allowed: those labelled tier=backend. spec.clientRef: OAuthClient api is refused: spec.authentication.federated.serviceAccountName: TenantScope NS does not allow api; allowed: those labelled tier=backend',
  },
  {
    asks: 'secret-where-volumes-are-allowed',
    kind: 'binding',
    workload: (ns) => aWorkload(ns),
    ceiling: { deliveries: ['Volume'] },
    says: 'False DeliveryNotAllowed: spec.delivery.secretRef: TenantScope NS does not allow Secret; allowed: Volume',
  },
  {
    asks: 'volume-where-secrets-are-allowed',
    kind: 'binding',
    workload: (ns) => aWorkload(ns, 'api', { binding: forVolumes }),
    ceiling: { deliveries: ['Secret'] },
    says: 'False DeliveryNotAllowed: spec.delivery: TenantScope NS does not allow Volume; allowed: Secret',
  },
  {
    asks: 'volume-with-a-stored-credential',
    kind: 'binding',
    workload: (ns) =>
      aWorkload(ns, 'api', {
        client: { authentication: { secret: { secretRef: { name: 'credentials' } } } },
        binding: forVolumes,
      }),
    says: 'False VolumeNeedsFederatedClient: spec.delivery: nodes hold no credentials, and OAuthClient api logs in with one',
  },
  {
    asks: 'binding-more',
    kind: 'binding',
    workload: (ns) => aWorkload(ns),
    ceiling: { bindings: { max: 0 } },
    says: 'False QuotaExceeded: metadata.namespace: TenantScope NS allows no bindings',
  },
  {
    asks: 'missing-service-account',
    kind: 'client',
    workload: (ns) => [aClient(ns), aBinding(ns)],
    says: 'False ServiceAccountNotFound: spec.authentication.federated.serviceAccountName: there is no ServiceAccount api',
    binding:
      'False ServiceAccountNotFound: spec.serviceAccountName: there is no ServiceAccount api. spec.clientRef: OAuthClient api is refused: spec.authentication.federated.serviceAccountName: there is no ServiceAccount api',
  },
];

describe.runIf(onOwnControlPlane())('what a tenant may not have', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    const nowhere = anIssuer({ name: 'other', url: 'https://127.0.0.1:1' });
    await applyManifests(stage.kube, [anIssuer({ url: stage.issuerURL }), nowhere]);
  });

  /** TokenRequests that were made for this namespace, once the log knows that its binding was told something. */
  const serviceAccountTokensFor = async (namespace: string): Promise<number> => {
    const { auditLog } = stage.controlPlane;
    const told = { user: controllerUser, namespace, resource: 'workloadidentitybindings', verb: 'patch' };
    const { events } = await awaitRequest(auditLog, told);
    return selectRequests(events, { namespace, resource: 'serviceaccounts', subresource: 'token' }).length;
  };

  test('what it may have is asked for: the rest would prove nothing otherwise', async () => {
    await stage.apply([...aTenant('may'), ...aWorkload('may')]);
    await see.until('binding', 'may/api', 'True');
    await expect.poll(() => serviceAccountTokensFor('may')).toBe(1);
  });

  test.each(rows)(
    'regression 11: a forbidden $asks is refused in words that say who forbids it, which field, and what is allowed; nothing is sent',
    async ({ asks, kind, workload, ceiling = {}, says, binding }) => {
      const tenant = `no-${asks}`;
      await stage.apply([...aTenant(tenant, { spec: ceiling }), ...workload(tenant)]);
      // Caches of several kinds fill at their own pace: what counts is the last word.
      const lastWord = says.replaceAll('NS', tenant);
      expect(await see.until(kind, `${tenant}/api`, lastWord, { type: 'Allowed' })).toBe(lastWord);
      const listed = async (): Promise<string | undefined> =>
        (await see.object(kind, `${tenant}/api`)).status?.violations
          ?.map(({ message }) => message)
          .join('. ');
      await expect.poll(listed, { timeout: 10_000 }).toBe(lastWord.replace(/^False \w+: /, ''));
      const inTheEnd = binding ?? (kind === 'client' ? ofTheClient(says) : says);
      await expect
        .poll(() => see.condition('binding', `${tenant}/api`), { timeout: 10_000 })
        .toBe(inTheEnd.replaceAll('NS', tenant));
      expect(await see.secret(`${tenant}/api-token`)).toBeUndefined();
      // A binding that asks for too much is no reason to refuse its client.
      if (kind === 'binding') await see.until('client', `${tenant}/api`, 'True');
      const sent = stage.proxy.requestsAbout(tenant).map(({ method, path }) => `${method} ${path}`);
      expect(sent).toEqual(kind === 'client' ? [] : ['POST /register']);
      expect(await serviceAccountTokensFor(tenant)).toBe(0);
      expect(stage.issuer.log()).not.toMatch(new RegExp(`token\\.issued.*:${tenant}:`));
    },
  );

  test('the TenantScope counts what is refused in its namespaces, by reason', async () => {
    await stage.apply([...aTenant('counts'), ...aWorkload('counts', 'api', { client: { roles: ['root'] } })]);
    const refused = async () => (await see.object('tenant', 'counts')).status?.refused;
    await expect.poll(refused, { timeout: 10_000 }).toEqual([
      { reason: 'ClientNotAllowed', clients: 0, bindings: 1 },
      { reason: 'RoleNotAllowed', clients: 1, bindings: 0 },
    ]);
  });

  test("regression 11: a Secret that is somebody else's is named; nothing is sent for the binding that wants it", async () => {
    const tenant = 'no-secret';
    const delivery = { secretRef: { name: 'taken' } };
    await stage.apply([
      ...aTenant(tenant),
      aSecret(tenant, 'taken'),
      ...aWorkload(tenant, 'api', { binding: { delivery } }),
    ]);
    expect(await see.until('binding', `${tenant}/api`, 'False SecretConflict')).toContain(`${tenant}/taken`);
    expect(await see.content(`${tenant}/taken`)).toEqual({ note: 'not yours' });
    expect(stage.proxy.requestsAbout(tenant).map(({ path }) => path)).toEqual(['/register']);
    expect(await serviceAccountTokensFor(tenant)).toBe(0);
  });

  test('a namespace that no TenantScope selects gets nothing', async () => {
    const [namespace] = aTenant('nobodys');
    await stage.apply([namespace!, ...aWorkload('nobodys')]);
    expect(await see.until('client', 'nobodys/api', 'False')).toBe(
      'False NoTenantScope: metadata.namespace: no TenantScope selects namespace nobodys',
    );
    await see.until('binding', 'nobodys/api', 'False NoTenantScope');
    expect(stage.proxy.requestsAbout('nobodys')).toEqual([]);
    expect(await serviceAccountTokensFor('nobodys')).toBe(0);
  });
});
