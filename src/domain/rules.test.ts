import { describe, expect, it } from 'vitest';
import { bindingFacts, clientFacts } from '../../test/gen/facts.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aTenantScope,
  forVolumes,
  marking,
  withMetadata,
  without,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { minutes } from '../std/duration.ts';
import type { BindingFacts } from './binding-facts.ts';
import { bindingViolations } from './binding-rules.ts';
import { capabilities } from './capability.ts';
import type { ClientFacts } from './client-facts.ts';
import { clientViolations } from './client-rules.ts';
import type { Violation } from './violation.ts';

/** Violations as `reason: message`; each message begins with the field that is at fault. */
const inWords = (violations: readonly Violation[]): string[] =>
  violations.map(({ reason, field, message }) => {
    expect(field).toMatch(/^(spec|metadata)(\.[a-zA-Z]+)+$/);
    expect(message.startsWith(`${field}: `)).toBe(true);
    return `${reason}: ${message}`;
  });
const ofBinding = (facts: Partial<BindingFacts>) => {
  const all = bindingFacts(facts);
  return inWords(bindingViolations({ ...all, binding: all.binding ?? aBinding() }));
};
const ofClient = (facts: Partial<ClientFacts>) => {
  const all = clientFacts(facts);
  return inWords(clientViolations({ ...all, client: all.client ?? aClient() }));
};
const tenant = (spec: Parameters<typeof withSpec<ReturnType<typeof aTenantScope>>>[0]) =>
  ({ kind: 'tenant', scope: aTenantScope(withSpec(spec)) }) as const;
const { tokens, clients } = aTenantScope().spec;
const backend = {
  matchLabels: { tier: 'backend' },
  matchExpressions: [
    { key: 'env', operator: 'In', values: ['prod', 'staging'] },
    { key: 'team', operator: 'Exists' },
  ],
} as const;
const adopted = aClient(withSpec({ clientID: 'mine' }));
const heir = aClient(withSpec({ adopt: { clientID: 'mine' } }));
const adopting = tenant({ clients: { ...clients, adoption: 'Allowed' } });
const prover = aClient(withSpec({ proofOfPossession: 'DPoP' }));
const provers = tenant({ tokens: { ...tokens, proofOfPossession: 'DPoP' } });
const forUsers = aClient(
  withSpec({
    grantTypes: ['ClientCredentials', 'AuthorizationCode'],
    redirectURIs: [
      'https://app.acme.example:8443/callback',
      'http://127.0.0.1/',
      'https://app.acme.example.evil',
    ],
  }),
);
const withUsers = (redirectHosts: string[]) =>
  tenant({
    clients: { ...clients, grantTypes: ['ClientCredentials', 'AuthorizationCode'], redirectHosts },
  });
const staticIssuer = anIssuer(withSpec({ driver: { static: {} } }));
const noFederation = { method: 'None', assertionReuse: 'Reusable' } as const;
const refusedClient = aClient(
  withStatus({
    conditions: [
      { type: 'Allowed', status: 'False', reason: 'RoleNotAllowed', message: 'why', lastTransitionTime: '' },
    ],
  }),
);

const goingIssuer = anIssuer(withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }));

describe('a binding', () => {
  it('that stays within everything is allowed', () => {
    expect(ofBinding({})).toEqual([]);
  });

  it.each<[string, Partial<BindingFacts>, string]>([
    [
      'outside of every tenant',
      { tenancy: { kind: 'none' } },
      'NoTenantScope: metadata.namespace: no TenantScope selects namespace acme-prod',
    ],
    [
      'in two tenants',
      { tenancy: { kind: 'overlap', names: ['a', 'b'] } },
      'TenantScopeOverlap: metadata.namespace: TenantScopes a, b all select namespace acme-prod, so it belongs to none',
    ],
    [
      'beyond the quota of its tenant',
      { beyondQuota: true },
      'QuotaExceeded: metadata.namespace: TenantScope acme allows 200 bindings, and there are as many older ones',
    ],
    [
      'of a tenant whose id is taken',
      { tenancy: { kind: 'taken', scope: aTenantScope() } },
      'TenantIDTaken: metadata.namespace: TenantScope acme is void: an older one has the same tenantID',
    ],
    [
      'of a suspended tenant',
      { tenancy: tenant({ suspend: true }) },
      'Suspended: metadata.namespace: TenantScope acme: spec.suspend is true',
    ],
    [
      'without ServiceAccount',
      { serviceAccountUID: undefined },
      'ServiceAccountNotFound: spec.serviceAccountName: there is no ServiceAccount billing',
    ],
    [
      'for a ServiceAccount without the label',
      { tenancy: tenant({ serviceAccountSelector: backend }), serviceAccountLabels: { tier: 'frontend' } },
      'ServiceAccountNotAllowed: spec.serviceAccountName: TenantScope acme does not allow billing; allowed: those labelled tier=backend and env in (prod, staging) and team',
    ],
    [
      'without client',
      { client: undefined, issuer: undefined },
      'ClientNotFound: spec.clientRef: there is no OAuthClient billing',
    ],
    [
      'of a refused client',
      { client: refusedClient },
      'ClientNotAllowed: spec.clientRef: OAuthClient billing is refused: why',
    ],
    [
      'without issuer',
      { issuer: undefined },
      'IssuerNotFound: spec.clientRef: there is no OAuthIssuer login, at which OAuthClient billing would be',
    ],
    [
      'at an issuer that is being deleted',
      { issuer: goingIssuer },
      'IssuerGoing: spec.clientRef: OAuthIssuer login, at which OAuthClient billing is, is being deleted',
    ],
    [
      'for another ServiceAccount than its client',
      { binding: aBinding(withSpec({ serviceAccountName: 'other' })) },
      'ServiceAccountMismatch: spec.serviceAccountName: OAuthClient billing is federated for ServiceAccount billing, not for other',
    ],
    [
      'whose tenant may not have the scope',
      { tenancy: tenant({ tokens: { ...tokens, scopes: ['openid'] } }) },
      'ScopeNotAllowed: spec.token.scopes: TenantScope acme does not allow invoices.read; allowed: openid',
    ],
    [
      'whose tenant may not have the audience',
      { tenancy: tenant({ tokens: { ...tokens, audiences: [] } }) },
      'AudienceNotAllowed: spec.token.audience: TenantScope acme does not allow https://api.example; allowed: nothing',
    ],
    [
      'whose client has not the scope',
      { client: aClient(withSpec({ scopes: ['openid'] })) },
      'ScopeNotAllowed: spec.token.scopes: OAuthClient billing does not allow invoices.read; allowed: openid',
    ],
    [
      'whose client has not the audience',
      { client: aClient(withSpec({ audiences: ['https://b.example'] })) },
      'AudienceNotAllowed: spec.token.audience: OAuthClient billing does not allow https://api.example; allowed: https://b.example',
    ],
    [
      'of a client for users alone',
      {
        client: { ...forUsers, spec: { ...forUsers.spec, grantTypes: ['AuthorizationCode'] } },
        tenancy: withUsers(['app.acme.example', '127.0.0.1', 'app.acme.example.evil']),
      },
      'GrantTypeNotAllowed: spec.clientRef: OAuthClient billing does not allow ClientCredentials; allowed: AuthorizationCode',
    ],
    [
      'whose tenant may not have Secrets',
      { tenancy: tenant({ deliveries: [] }) },
      'DeliveryNotAllowed: spec.delivery.secretRef: TenantScope acme does not allow Secret; allowed: nothing',
    ],
    [
      'whose tenant may have volumes alone',
      { tenancy: tenant({ deliveries: ['Volume'] }) },
      'DeliveryNotAllowed: spec.delivery.secretRef: TenantScope acme does not allow Secret; allowed: Volume',
    ],
    [
      'without a Secret whose tenant may have no volumes',
      { binding: aBinding(forVolumes), tenancy: tenant({ deliveries: ['Secret'] }) },
      'DeliveryNotAllowed: spec.delivery: TenantScope acme does not allow Volume; allowed: Secret',
    ],
    [
      'without a Secret whose client has a credential',
      {
        binding: aBinding(forVolumes),
        client: aClient(withSpec({ authentication: { secret: { secretRef: { name: 's' } } } })),
        tenancy: tenant({ clients: { ...clients, authentication: ['Secret'] } }),
      },
      'VolumeNeedsFederatedClient: spec.delivery: nodes hold no credentials, and OAuthClient billing logs in with one',
    ],
    [
      'without a Secret at an issuer that accepts a ServiceAccount token once',
      {
        binding: aBinding(forVolumes),
        issuer: anIssuer(
          withSpec({ federation: { method: 'ClientAssertion', assertionReuse: 'SingleUse' } }),
        ),
      },
      'VolumeNeedsReusableAssertion: spec.delivery: the issuer accepts each ServiceAccount token once, a pod gets another one after 9m30s at the latest, and a token that lives 10m is renewed 6m after it came',
    ],
    [
      'whose Secret is another one’s',
      { secretHolder: 'OAuthClient shop' },
      'SecretNameTaken: spec.delivery.secretRef: OAuthClient shop is older and writes to Secret billing-token',
    ],
  ])('%s is refused in these words', (_, facts, expected) => {
    expect(ofBinding(facts)).toEqual([expected]);
  });

  it.each<[string, Partial<BindingFacts>, string]>([
    ['an issuer', { tenancy: tenant({ issuerRefs: [{ name: 'b' }] }) }, 'spec.issuerRef.name'],
    ['a login', { tenancy: tenant({ clients: { ...clients, authentication: [] } }) }, 'spec.authentication'],
    ['a role', { tenancy: tenant({ tokens: { ...tokens, roles: [] } }) }, 'spec.roles'],
    ['a right to unbound tokens', { tenancy: provers }, 'spec.proofOfPossession'],
    [
      'a lifetime',
      { tenancy: tenant({ tokens: { ...tokens, maxLifetime: minutes(1) } }) },
      'spec.accessTokenLifetime',
    ],
  ])('whose client has %s that its tenant lost does not wait until the client is told', (_, facts, field) => {
    expect(ofBinding(facts)).toEqual([
      expect.stringContaining(
        `ClientNotAllowed: spec.clientRef: OAuthClient billing is refused: ${field}: TenantScope acme`,
      ),
    ]);
  });

  it.each<[string, Partial<BindingFacts>]>([
    ['is not there', { issuer: undefined }],
    ['cannot be read', { issuer: undefined, unreadable: 'OAuthIssuer: spec: Required' }],
  ])('at an issuer that its tenant may not know does not learn that it %s', (_, facts) => {
    expect(ofBinding({ tenancy: tenant({ issuerRefs: [{ name: 'other' }] }), ...facts })).toEqual([
      'ClientNotAllowed: spec.clientRef: OAuthClient billing is refused: spec.issuerRef.name: TenantScope acme does not allow login; allowed: other',
    ]);
  });

  it('hears all that is wrong at once', () => {
    const wrong = {
      tenancy: tenant({ tokens: { ...tokens, scopes: [], audiences: [] } }),
      secretHolder: 'OAuthClient shop',
    };
    expect(ofBinding(wrong)).toHaveLength(3);
  });
});

describe('a client', () => {
  it('that stays within everything is allowed', () => {
    expect(ofClient({})).toEqual([]);
  });

  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'outside of every tenant',
      { tenancy: { kind: 'none' } },
      'NoTenantScope: metadata.namespace: no TenantScope selects namespace acme-prod',
    ],
    [
      'beyond the quota of its tenant',
      { beyondQuota: true },
      'QuotaExceeded: metadata.namespace: TenantScope acme allows 50 clients, and there are as many older ones',
    ],
    [
      'of a tenant whose id is taken',
      { tenancy: { kind: 'taken', scope: aTenantScope() } },
      'TenantIDTaken: metadata.namespace: TenantScope acme is void: an older one has the same tenantID',
    ],
    [
      'without issuer',
      { issuer: undefined },
      'IssuerNotFound: spec.issuerRef: there is no OAuthIssuer login',
    ],
    [
      'at an issuer that is being deleted',
      { issuer: goingIssuer },
      'IssuerGoing: spec.issuerRef: OAuthIssuer login is being deleted',
    ],
    [
      'at another issuer',
      { tenancy: tenant({ issuerRefs: [{ name: 'other' }] }) },
      'IssuerNotAllowed: spec.issuerRef.name: TenantScope acme does not allow login; allowed: other',
    ],
    [
      'with another grant type',
      { tenancy: tenant({ clients: { ...clients, grantTypes: [] } }) },
      'GrantTypeNotAllowed: spec.grantTypes: TenantScope acme does not allow ClientCredentials; allowed: nothing',
    ],
    [
      'that sends users elsewhere',
      { client: forUsers, tenancy: withUsers(['app.acme.example']) },
      'RedirectURINotAllowed: spec.redirectURIs: TenantScope acme does not allow http://127.0.0.1/, https://app.acme.example.evil; allowed: app.acme.example',
    ],
    [
      'with another login',
      { client: aClient(withSpec({ authentication: { secret: { secretRef: { name: 's' } } } })) },
      'AuthenticationNotAllowed: spec.authentication: TenantScope acme does not allow Secret; allowed: Federated',
    ],
    [
      'with a scope more',
      { client: aClient(withSpec({ scopes: ['admin', 'invoices.read', 'invoicesx'] })) },
      'ScopeNotAllowed: spec.scopes: TenantScope acme does not allow admin, invoicesx; allowed: invoices.*, openid',
    ],
    [
      'with an audience more',
      { client: aClient(withSpec({ audiences: ['https://b.example'] })) },
      'AudienceNotAllowed: spec.audiences: TenantScope acme does not allow https://b.example; allowed: https://api.example',
    ],
    [
      'with a role more',
      { client: aClient(withSpec({ roles: ['root'] })) },
      'RoleNotAllowed: spec.roles: TenantScope acme does not allow root; allowed: biller',
    ],
    [
      'with too long a life',
      { client: aClient(withSpec({ accessTokenLifetime: minutes(16) })) },
      'LifetimeNotAllowed: spec.accessTokenLifetime: TenantScope acme does not allow 16m; allowed: at most 15m',
    ],
    [
      'whose tokens would be good for whoever has them',
      { tenancy: provers },
      'ProofOfPossessionRequired: spec.proofOfPossession: TenantScope acme does not allow None; allowed: DPoP',
    ],
    [
      'without ServiceAccount',
      { serviceAccountUID: undefined },
      'ServiceAccountNotFound: spec.authentication.federated.serviceAccountName: there is no ServiceAccount billing',
    ],
    [
      'for a ServiceAccount without the label',
      { tenancy: tenant({ serviceAccountSelector: backend }) },
      'ServiceAccountNotAllowed: spec.authentication.federated.serviceAccountName: TenantScope acme does not allow billing; allowed: those labelled tier=backend and env in (prod, staging) and team',
    ],
    [
      'for a taken ServiceAccount',
      { serviceAccountHolder: 'shop' },
      'ServiceAccountTaken: spec.authentication.federated.serviceAccountName: OAuthClient shop is older and is registered for ServiceAccount billing at the same issuer',
    ],
    [
      'whose Secret is another one’s',
      {
        client: aClient(withSpec({ authentication: { secret: { secretRef: { name: 'shared' } } } })),
        tenancy: tenant({ clients: { ...clients, authentication: ['Secret'] } }),
        secretHolder: 'WorkloadIdentityBinding shop',
      },
      'SecretNameTaken: spec.authentication: WorkloadIdentityBinding shop is older and writes to Secret shared',
    ],
    [
      'where ServiceAccounts are not accepted',
      { issuer: anIssuer(withSpec({ federation: noFederation })) },
      'FederationDisabled: spec.authentication: OAuthIssuer login has spec.federation.method None',
    ],
    [
      'that names its id where ids are given',
      { client: adopted, tenancy: adopting },
      'ClientIDForbidden: spec.clientID: OAuthIssuer login assigns client ids itself; remove the field',
    ],
    [
      'that somebody else registered',
      { client: adopted, issuer: staticIssuer },
      'AdoptionNotAllowed: spec.clientID: TenantScope acme does not allow mine; allowed: no clients that somebody else registered',
    ],
    [
      'that it would take over',
      { client: heir, issuer: anIssuer(withStatus({ observedGeneration: 1, capabilities: marking })) },
      'AdoptionNotAllowed: spec.adopt.clientID: TenantScope acme does not allow mine; allowed: no clients that somebody else registered',
    ],
    [
      'that cannot be taken over at its issuer',
      { client: heir, tenancy: adopting },
      'AdoptionUnsupported: spec.adopt: OAuthIssuer login cannot take over client mine',
    ],
    [
      'that another one is already',
      {
        client: adopted,
        issuer: staticIssuer,
        tenancy: adopting,
        clientIDHolder: 'an OAuthClient of another namespace',
      },
      'ClientIDTaken: spec.clientID: an OAuthClient of another namespace is older and is client mine of the same issuer',
    ],
    [
      'that names no id at a static issuer',
      { issuer: anIssuer(withSpec({ driver: { static: {} } })) },
      'ClientIDRequired: spec.clientID: OAuthIssuer login registers no clients; name the client that was registered there by other means',
    ],
    [
      'where none can be registered',
      { issuer: anIssuer(without('Register')) },
      'RegistrationUnsupported: spec.issuerRef: OAuthIssuer login has no registration endpoint',
    ],
    [
      'where the ceiling would not hold',
      { issuer: anIssuer(without('EnforceCeiling')) },
      "CeilingNotEnforceable: spec.issuerRef: OAuthIssuer login cannot hold a registration to the tenant's audiences and lifetime, and its spec.unenforcedCeiling is Refuse",
    ],
    [
      'where its ServiceAccount would open the clients of others as well',
      { issuer: anIssuer(without('BoundAssertions')) },
      "CeilingNotEnforceable: spec.issuerRef: OAuthIssuer login cannot hold a registration to the tenant's own clients, and its spec.unenforcedCeiling is Refuse",
    ],
    [
      'whose tokens would lack what its tenant requires',
      { issuer: anIssuer(without('TenantClaims')) },
      'ClaimUnsupported: spec.issuerRef: OAuthIssuer login puts no claims of a registration into tokens, and tenant_id, roles would be missing',
    ],
    [
      'for users of an issuer that has none',
      {
        client: forUsers,
        tenancy: withUsers(['app.acme.example', '127.0.0.1', 'app.acme.example.evil']),
        issuer: anIssuer(without('AuthorizationCode')),
      },
      'GrantTypeUnsupported: spec.grantTypes: OAuthIssuer login does not support AuthorizationCode',
    ],
    [
      'where no token is bound to a key',
      { client: prover, issuer: anIssuer(without('DPoP')) },
      'ProofOfPossessionUnsupported: spec.proofOfPossession: OAuthIssuer login does not support DPoP',
    ],
    [
      'that does not log in where all have to',
      {
        client: {
          ...forUsers,
          spec: { ...forUsers.spec, grantTypes: ['AuthorizationCode'], authentication: { public: {} } },
        },
        tenancy: tenant({
          clients: {
            ...clients,
            grantTypes: ['AuthorizationCode'],
            authentication: ['Public'],
            redirectHosts: ['app.acme.example', '127.0.0.1', 'app.acme.example.evil'],
          },
        }),
        issuer: anIssuer(without('PublicClient')),
      },
      'AuthenticationUnsupported: spec.authentication: OAuthIssuer login does not support Public',
    ],
    [
      'where its login is not known',
      { issuer: anIssuer(without('FederatedAuthentication')) },
      'AuthenticationUnsupported: spec.authentication: OAuthIssuer login does not support Federated by ClientAssertion',
    ],
    [
      'where workloads are to show their tokens in a way that is not known',
      {
        issuer: anIssuer(
          without('FederatedAuthentication'),
          withSpec({ federation: { method: 'TokenExchange', assertionReuse: 'Reusable' } }),
        ),
      },
      'AuthenticationUnsupported: spec.authentication: OAuthIssuer login does not support Federated by TokenExchange',
    ],
  ])('%s is refused in these words', (_, facts, expected) => {
    expect(ofClient(facts)).toEqual([expected]);
  });

  it.each<[string, Partial<ClientFacts>]>([
    ['is not there', { issuer: undefined }],
    ['cannot be read', { issuer: undefined, unreadable: 'OAuthIssuer: spec: Required' }],
    ['accepts no ServiceAccounts', { issuer: anIssuer(withSpec({ federation: noFederation })) }],
    ['registers no clients', { issuer: anIssuer(withSpec({ driver: { static: {} } })) }],
    ['can do nothing', { issuer: anIssuer(without(...capabilities.slice(1))) }],
  ])('at an issuer that its tenant may not know does not learn that it %s', (_, facts) => {
    expect(ofClient({ tenancy: tenant({ issuerRefs: [{ name: 'other' }] }), ...facts })).toEqual([
      'IssuerNotAllowed: spec.issuerRef.name: TenantScope acme does not allow login; allowed: other',
    ]);
  });

  it.each<[string, Partial<ClientFacts>]>([
    ['adopt none', {}],
    ['not know its issuer', { tenancy: tenant({ issuerRefs: [{ name: 'other' }] }) }],
  ])('whose tenant may %s does not learn who is registered there', (_, facts) => {
    const asked = { client: adopted, issuer: staticIssuer, clientIDHolder: 'OAuthClient shop' };
    expect(ofClient({ ...asked, ...facts }).filter((said) => said.includes('shop'))).toEqual([]);
    expect(ofClient({ ...asked, ...facts })).not.toEqual([]);
  });

  it('with a stored credential has no place at a static issuer: we keep none for it', () => {
    expect(
      ofClient({
        issuer: anIssuer(withSpec({ driver: { static: {} } })),
        tenancy: tenant({ clients: { ...clients, authentication: ['Secret'], adoption: 'Allowed' } }),
        client: aClient(
          withSpec({ clientID: 'by-hand', authentication: { secret: { secretRef: { name: 's' } } } }),
        ),
      }),
    ).toEqual(['AuthenticationUnsupported: spec.authentication: OAuthIssuer login does not support Secret']);
  });

  it.each<[string, Partial<ClientFacts>, string[]]>([
    ['hears that its tenant is suspended', { tenancy: tenant({ suspend: true }) }, ['Suspended']],
    ['hears that two claim it', { tenancy: { kind: 'overlap', names: ['a', 'b'] } }, ['TenantScopeOverlap']],
    ['hears nothing else', { tenancy: { kind: 'none' }, serviceAccountUID: undefined }, []],
  ])('of which something cannot be read %s', (_, facts, reasons) => {
    const unreadable = { unreadable: 'OAuthIssuer: spec: Required', issuer: undefined };
    const heard = ofClient({ ...unreadable, ...facts }).map((violation) => violation.split(':')[0]);
    expect(heard).toEqual(reasons);
  });

  it('whose ServiceAccount has every label that its tenant wants is allowed', () => {
    const facts = {
      tenancy: tenant({ serviceAccountSelector: backend }),
      serviceAccountLabels: { tier: 'backend', env: 'staging', team: '' },
    };
    expect(ofClient(facts)).toEqual([]);
    expect(ofBinding(facts)).toEqual([]);
  });

  it.each<[string, Partial<ClientFacts>, string[]]>([
    ['holds when the issuer can bind tokens', {}, []],
    [
      'would not hold where the issuer cannot',
      { issuer: anIssuer(without('DPoP')) },
      [
        "CeilingNotEnforceable: spec.issuerRef: OAuthIssuer login cannot hold a registration to the tenant's proof of possession, and its spec.unenforcedCeiling is Refuse",
        'ProofOfPossessionUnsupported: spec.proofOfPossession: OAuthIssuer login does not support DPoP',
      ],
    ],
    [
      'would not hold either where the issuer registers nothing',
      { issuer: anIssuer(without('Register', 'EnforceCeiling'), withSpec({ driver: { static: {} } })) },
      [
        'AdoptionNotAllowed',
        "CeilingNotEnforceable: spec.issuerRef: OAuthIssuer login cannot hold a registration to the tenant's audiences and lifetime, nor to its proof of possession, and its spec.unenforcedCeiling is Refuse",
      ],
    ],
  ])('whose tenant wants tokens bound to keys: that %s', (_, facts, expected) => {
    const client = facts.issuer?.spec.driver.static
      ? { ...adopted, spec: { ...adopted.spec, proofOfPossession: 'DPoP' as const } }
      : prover;
    const heard = ofClient({ client, tenancy: provers, ...facts });
    expect(heard).toEqual(expected.map((words) => expect.stringContaining(words)));
  });

  it('may do without the ceiling where the admin said so', () => {
    expect(
      ofClient({ issuer: anIssuer(without('EnforceCeiling'), withSpec({ unenforcedCeiling: 'Accept' })) }),
    ).toEqual([]);
  });

  it('is not judged by what an issuer can do before that is known', () => {
    expect(ofClient({ issuer: anIssuer(withStatus({})) })).toEqual([]);
  });
});
