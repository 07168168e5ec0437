import type { BindingFacts, TokenSecret } from '../../src/domain/binding-facts.ts';
import type { ClientFacts } from '../../src/domain/client-facts.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { IssuerFacts } from '../../src/domain/plan-issuer.ts';
import type { RegistrationRecord } from '../../src/domain/registration-record.ts';
import type { TokenFacts } from '../../src/domain/token-rule.ts';
import { minutes } from '../../src/std/duration.ts';
import { type Instant, instantOf } from '../../src/std/instant.ts';
import { Secret } from '../../src/std/secret.ts';
import { aBinding, aClient, anIssuer, aTenantScope } from './objects.ts';

/** The `now` of tests about decisions. */
export const now: Instant = instantOf(Date.parse('2026-06-01T12:00:00Z'));

/** A binding for which everything is in place but the token. */
export const bindingFacts = (change: Partial<BindingFacts> = {}): BindingFacts => ({
  binding: aBinding(),
  malformed: undefined,
  namespaceTerminating: false,
  tenancy: { kind: 'tenant', scope: aTenantScope() },
  grantedBy: undefined,
  beyondQuota: false,
  client: aClient(),
  issuer: anIssuer(),
  audienceInstalled: true,
  serviceAccountUID: 'uid-sa',
  serviceAccountLabels: {},
  secretHolder: undefined,
  secretReach: { kind: 'within' },
  secret: undefined,
  strays: [],
  unreadable: undefined,
  revocations: new Map(),
  attempt: undefined,
  ...change,
});

/** The Secret of that binding. */
export const aTokenSecret = (change: Partial<TokenSecret> = {}): TokenSecret => ({
  namespace: 'acme-prod',
  name: 'billing-token',
  uid: 'uid-secret',
  resourceVersion: '7',
  ...change,
});

/** A client for which everything is in place but the registration. */
export const clientFacts = (change: Partial<ClientFacts> = {}): ClientFacts => ({
  client: aClient(),
  tenancy: { kind: 'tenant', scope: aTenantScope() },
  grantedBy: undefined,
  beyondQuota: false,
  issuer: anIssuer(),
  serviceAccountUID: 'uid-sa',
  serviceAccountLabels: {},
  serviceAccountIssuer: 'https://kubernetes.default.svc',
  clusterID: 'cluster-1',
  serviceAccountHolder: undefined,
  clientIDHolder: undefined,
  secretHolder: undefined,
  record: undefined,
  unreadableRecord: undefined,
  orphans: [],
  secretReach: { kind: 'within' },
  credentials: [],
  consumers: undefined,
  rotationTurn: undefined,
  unreadable: undefined,
  attempt: undefined,
  look: { at: now, differences: [] },
  ...change,
});

/** The record of that client before the issuer was asked. */
export const aRecord = (change: Partial<RegistrationRecord> = {}): RegistrationRecord => ({
  uid: 'uid-record',
  resourceVersion: '3',
  name: 'client-uid-billing',
  client: { namespace: 'acme-prod', name: 'billing', uid: 'uid-billing' },
  issuer: 'login',
  issuerIdentifier: 'https://login.example',
  phase: 'Prepared',
  credentialRevision: 0,
  ...change,
});

/** What the issuer answered for it. */
export const registration = {
  clientID: 'client-1',
  registrationClientURI: 'https://login.example/register/client-1',
  registrationAccessToken: new Secret('registration-access-token'),
} as const;

/** An issuer that was just created. */
export const issuerFacts = (change: Partial<IssuerFacts> = {}): IssuerFacts => ({
  issuer: anIssuer((issuer) => ({ ...issuer, status: {} })),
  holder: undefined,
  audienceInstalled: true,
  references: { clients: 0, registrations: 0 },
  serviceAccountIssuer: 'https://kubernetes.default.svc',
  keys: undefined,
  discovery: undefined,
  hasDriver: false,
  sampledAt: undefined,
  attempt: undefined,
  ...change,
});

export const aGrant = (change: Partial<Grant> = {}): Grant => ({
  issuer: 'https://login.example',
  clientID: 'client-1',
  method: 'Federated',
  scopes: ['invoices.read'],
  audience: 'https://api.example',
  tenantID: 'acme',
  roles: ['biller'],
  requiredClaims: { tenant_id: 'acme' },
  maxLifetime: minutes(15),
  proofOfPossession: 'None',
  toleratedAudiences: [],
  claimPaths: {},
  verification: 'Required',
  serviceAccount: { namespace: 'acme-prod', name: 'billing', uid: 'uid-sa' },
  ...change,
});

/** A token of ten minutes that is exactly what that grant asks for; `undefined` takes a claim away. */
export function aToken(
  claims: { readonly [claim: string]: unknown } = {},
  beside: Omit<TokenFacts, 'claims'> = {},
): TokenFacts {
  const issuedAt = now / 1000;
  const all = {
    iss: 'https://login.example',
    sub: 'client-1',
    client_id: 'client-1',
    aud: 'https://api.example',
    scope: 'invoices.read',
    tenant_id: 'acme',
    roles: ['biller'],
    iat: issuedAt,
    exp: issuedAt + 600,
    ...claims,
  };
  const present = Object.entries(all).filter(([, value]) => value !== undefined);
  return { claims: Object.fromEntries(present) as TokenFacts['claims'], ...beside };
}
