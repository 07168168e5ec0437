import type { OAuthClient } from '../../src/api/oauth-client.ts';
import type { OAuthIssuer } from '../../src/api/oauth-issuer.ts';
import type { TenantScope } from '../../src/api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../../src/api/workload-identity-binding.ts';
import { type Capability, capabilities } from '../../src/domain/capability.ts';
import { type Duration, minutes, seconds } from '../../src/std/duration.ts';

const createdAt = '2026-01-01T00:00:00Z';

/** A change to what a builder makes: the row of a table shows only its difference. */
export type Change<T> = (object: T) => T;

const build = <T>(base: T, changes: readonly Change<T>[]): T =>
  changes.reduce((object, change) => change(object), base);

interface Specified {
  readonly spec: object;
}
interface Named {
  readonly metadata: object;
}

/** Replaces fields of `spec`. */
export const withSpec =
  <T extends Specified>(spec: Partial<T['spec']>): Change<T> =>
  (object) => ({ ...object, spec: { ...object.spec, ...spec } });

/** Replaces fields of `metadata`. */
export const withMetadata =
  <T extends Named>(metadata: Partial<T['metadata']>): Change<T> =>
  (object) => ({ ...object, metadata: { ...object.metadata, ...metadata } });

/** Replaces `status`. */
export const withStatus =
  <T extends { readonly status?: object }>(status: NonNullable<T['status']>): Change<T> =>
  (object) => ({ ...object, status });

/** Leaves the Secret of a binding out: its tokens are for volumes alone. */
export const forVolumes: Change<WorkloadIdentityBinding> = (binding) => {
  const { delivery: _, ...spec } = binding.spec;
  return { ...binding, spec };
};

/** An issuer that was discovered and can do everything. */
export const anIssuer = (...changes: readonly Change<OAuthIssuer>[]): OAuthIssuer =>
  build<OAuthIssuer>(
    {
      apiVersion: 'grantor.dev/v1alpha1',
      kind: 'OAuthIssuer',
      metadata: {
        name: 'login',
        uid: 'uid-login',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: createdAt,
        finalizers: ['grantor.dev/clients'],
      },
      spec: {
        issuer: 'https://login.example',
        driver: { standard: {} },
        federation: { method: 'ClientAssertion', assertionReuse: 'Reusable' },
        tokens: { toleratedAudiences: [], claimPaths: {} },
        unenforcedCeiling: 'Refuse',
        resyncInterval: minutes(30),
        limits: {
          controller: { requestsPerSecond: 50, burst: 100, concurrency: 16 },
          perNode: { requestsPerSecond: 2, burst: 150, concurrency: 8 },
          timeout: seconds(10),
          rotationSpacing: seconds(1),
        },
      },
      status: { observedGeneration: 1, capabilities: [...everything] },
    },
    changes,
  );

/** What an issuer can do that hands out a registration access token for each client (RFC 7592). */
export const everything: readonly Capability[] = capabilities.filter(
  (one) => !['ManageByMark', 'Adopt'].includes(one),
);

/** What one can do whose clients are managed by their marks. */
export const marking: readonly Capability[] = [...everything, 'ManageByMark', 'Adopt'];

/** An issuer that can do all but this. */
export const without = (...missing: readonly Capability[]): Change<OAuthIssuer> =>
  withStatus({
    observedGeneration: 1,
    capabilities: everything.filter((capability) => !missing.includes(capability)),
  });

/** How long the tokens of a client are to live, which it may leave open. */
export const withLifetime =
  (accessTokenLifetime: Duration | undefined): Change<OAuthClient> =>
  (client) => {
    const { accessTokenLifetime: _, ...spec } = client.spec;
    return { ...client, spec: accessTokenLifetime === undefined ? spec : { ...spec, accessTokenLifetime } };
  };

/** The scope of tenant acme, which namespaces labelled `tenant: acme` belong to. */
export const aTenantScope = (...changes: readonly Change<TenantScope>[]): TenantScope =>
  build<TenantScope>(
    {
      apiVersion: 'grantor.dev/v1alpha1',
      kind: 'TenantScope',
      metadata: {
        name: 'acme',
        uid: 'uid-acme',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: createdAt,
      },
      spec: {
        tenantID: 'acme',
        namespaceSelector: { matchLabels: { tenant: 'acme' } },
        serviceAccountSelector: {},
        issuerRefs: [{ name: 'login' }],
        clients: {
          max: 50,
          grantTypes: ['ClientCredentials'],
          redirectHosts: [],
          authentication: ['Federated'],
          adoption: 'Denied',
          orphaning: 'Denied',
        },
        bindings: { max: 200 },
        tokens: {
          scopes: ['invoices.*', 'openid'],
          audiences: ['https://api.example'],
          roles: ['biller'],
          maxLifetime: minutes(15),
          requiredClaims: { tenant_id: 'acme' },
          proofOfPossession: 'Optional',
          verification: 'Required',
        },
        deliveries: ['Volume', 'Secret'],
        withdrawalDelay: minutes(10),
        suspend: false,
      },
    },
    changes,
  );

/** Makes it the scope of another tenant, which namespaces labelled `tenant: <name>` belong to. */
export const ofTenant =
  (name: string): Change<TenantScope> =>
  ({ metadata, spec, ...scope }) => ({
    ...scope,
    metadata: { ...metadata, name, uid: `uid-${name}` },
    spec: {
      ...spec,
      tenantID: name,
      namespaceSelector: { matchLabels: { tenant: name } },
      tokens: { ...spec.tokens, requiredClaims: { tenant_id: name } },
    },
  });

/** A federated client, registered as `client-1`. */
export const aClient = (...changes: readonly Change<OAuthClient>[]): OAuthClient =>
  build<OAuthClient>(
    {
      apiVersion: 'grantor.dev/v1alpha1',
      kind: 'OAuthClient',
      metadata: {
        namespace: 'acme-prod',
        name: 'billing',
        uid: 'uid-billing',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: createdAt,
        finalizers: ['grantor.dev/registration'],
      },
      spec: {
        issuerRef: { name: 'login' },
        grantTypes: ['ClientCredentials'],
        redirectURIs: [],
        scopes: ['invoices.read', 'invoices.write'],
        audiences: ['https://api.example'],
        roles: ['biller'],
        accessTokenLifetime: minutes(10),
        proofOfPossession: 'None',
        authentication: { federated: { serviceAccountName: 'billing' } },
        management: 'Manage',
        deletionPolicy: 'Delete',
      },
      status: {
        observedGeneration: 1,
        clientID: 'client-1',
        conditions: [
          {
            type: 'Registered',
            status: 'True',
            reason: 'Registered',
            message: '',
            lastTransitionTime: createdAt,
          },
        ],
      },
    },
    changes,
  );

/** A binding of that client, for one of its scopes. */
export const aBinding = (...changes: readonly Change<WorkloadIdentityBinding>[]): WorkloadIdentityBinding =>
  build<WorkloadIdentityBinding>(
    {
      apiVersion: 'grantor.dev/v1alpha1',
      kind: 'WorkloadIdentityBinding',
      metadata: {
        namespace: 'acme-prod',
        name: 'billing-api',
        uid: 'uid-billing-api',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: createdAt,
      },
      spec: {
        serviceAccountName: 'billing',
        clientRef: { name: 'billing' },
        token: { scopes: ['invoices.read'], audience: 'https://api.example' },
        delivery: { secretRef: { name: 'billing-token' } },
        rotation: { renewAtPercent: 65, onExpiry: 'Remove' },
      },
    },
    changes,
  );
