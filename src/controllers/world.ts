import { type OAuthClient, oauthClientKind } from '../api/oauth-client.ts';
import { type OAuthIssuer, oauthIssuerKind } from '../api/oauth-issuer.ts';
import { type TenantScope, tenantScopeKind } from '../api/tenant-scope.ts';
import {
  type WorkloadIdentityBinding,
  workloadIdentityBindingKind,
} from '../api/workload-identity-binding.ts';
import { readClientKey, readClientUID, readRegistrationSecret } from '../delivery/registration-secret.ts';
import { claimedClient } from '../domain/claimed-client.ts';
import { credentialsSecretName } from '../domain/credentials-secret-name.ts';
import type { Labels } from '../domain/labels.ts';
import type { RegistrationRecord } from '../domain/registration-record.ts';
import type { NamespaceFacts } from '../domain/tenancy.ts';
import { configMapKind, namespaceKind, secretKind, serviceAccountKind } from '../kube/core-kinds.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { createInformer, type Informer } from '../runtime/informer.ts';
import { listWatchOf } from '../runtime/list-watch.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { identityOf, type Kept, keep } from '../world/kept.ts';
import { createTenantSecrets, type InformerEnvironment, type TenantSecrets } from './tenant-secrets.ts';

export type NamespaceRecord = StoreRecord & NamespaceFacts;
export type ServiceAccountRecord = StoreRecord & { readonly labels: Labels };
/** The list of audiences that ServiceAccount tokens may be asked for: its values, whatever their keys. */
export type AudienceListRecord = StoreRecord & { readonly audiences: ReadonlySet<string> };
export type RegistrationSecretRecord = StoreRecord & {
  /** `namespace/name` of the OAuthClient, known even where the rest cannot be read. */
  readonly clientKey: string | undefined;
  readonly clientUID: string | undefined;
  readonly record: RegistrationRecord | undefined;
  readonly problem: string | undefined;
};

/** Everything that decisions read: one informer for each kind, with the indexes that answer our questions. */
export interface World extends TenantSecrets {
  readonly issuers: Informer<Kept<OAuthIssuer>>;
  readonly scopes: Informer<Kept<TenantScope>>;
  readonly clients: Informer<
    Kept<OAuthClient>,
    'namespace' | 'issuer' | 'serviceAccount' | 'clientID' | 'secret'
  >;
  readonly bindings: Informer<
    Kept<WorkloadIdentityBinding>,
    'namespace' | 'client' | 'serviceAccount' | 'secret'
  >;
  readonly namespaces: Informer<NamespaceRecord>;
  readonly serviceAccounts: Informer<ServiceAccountRecord>;
  readonly registrations: Informer<RegistrationSecretRecord, 'client' | 'issuer'>;
  readonly audienceLists: Informer<AudienceListRecord>;
}

/** Sets up the informers. Grantor's records, with their credentials, are read in its own namespace only. */
export function createWorld(
  kube: KubeClient,
  ownNamespace: string,
  environment: InformerEnvironment,
  secrets: TenantSecrets = createTenantSecrets(kube, environment),
): World {
  const named = ({ namespace }: StoreRecord, name: string | undefined): string[] =>
    known(keyIn(namespace, name));
  return {
    issuers: createInformer({
      ...environment,
      name: 'oauthissuers',
      listWatch: listWatchOf(kube, oauthIssuerKind),
      transform: keep(oauthIssuerKind),
    }),
    scopes: createInformer({
      ...environment,
      name: 'tenantscopes',
      listWatch: listWatchOf(kube, tenantScopeKind),
      transform: keep(tenantScopeKind),
    }),
    clients: createInformer({
      ...environment,
      name: 'oauthclients',
      listWatch: listWatchOf(kube, oauthClientKind),
      transform: keep(oauthClientKind),
      indexes: {
        namespace: ({ namespace }) => [namespace],
        issuer: ({ object }) => (object ? [object.spec.issuerRef.name] : []),
        serviceAccount: (kept) => known(serviceAccountOf(kept)),
        clientID: (kept) => known(clientIDOf(kept)),
        secret: (kept) => known(credentialsSecretOf(kept)),
      },
    }),
    bindings: createInformer({
      ...environment,
      name: 'workloadidentitybindings',
      listWatch: listWatchOf(kube, workloadIdentityBindingKind),
      transform: keep(workloadIdentityBindingKind),
      indexes: {
        namespace: ({ namespace }) => [namespace],
        client: (kept) => named(kept, kept.object?.spec.clientRef.name),
        serviceAccount: (kept) => named(kept, kept.object?.spec.serviceAccountName),
        secret: (kept) => known(tokenSecretOf(kept)),
      },
    }),
    namespaces: createInformer({
      ...environment,
      name: 'namespaces',
      listWatch: listWatchOf(kube, namespaceKind, { metadataOnly: true }),
      transform: (raw): NamespaceRecord => ({
        ...identityOf(raw),
        labels: raw.metadata.labels ?? {},
        terminating: raw.metadata.deletionTimestamp !== undefined,
      }),
    }),
    serviceAccounts: createInformer({
      ...environment,
      name: 'serviceaccounts',
      listWatch: listWatchOf(kube, serviceAccountKind, { metadataOnly: true }),
      transform: (raw): ServiceAccountRecord => ({
        ...identityOf(raw),
        labels: raw.metadata.labels ?? noLabels,
      }),
    }),
    ...secrets,
    registrations: createInformer({
      ...environment,
      name: 'registration secrets',
      listWatch: listWatchOf(kube, secretKind, {
        fieldSelector: 'type=grantor.dev/registration',
        namespace: ownNamespace,
      }),
      transform: registrationSecretRecord,
      indexes: {
        client: ({ record }) => (record ? [keyOf(record.client.namespace, record.client.name)] : []),
        issuer: ({ record }) => (record ? [record.issuer] : []),
      },
    }),
    audienceLists: createInformer({
      ...environment,
      name: 'installed audiences',
      listWatch: listWatchOf(kube, configMapKind, {
        fieldSelector: `metadata.name=${audienceListName}`,
        namespace: ownNamespace,
      }),
      transform: (raw: Stored<KubeObject & { readonly data?: Readonly<Record<string, string>> }>) => ({
        ...identityOf(raw),
        audiences: new Set(Object.values(raw.data ?? {})),
      }),
    }),
  };
}

/** The one ConfigMap that the admission policy for TokenRequests reads too. */
const audienceListName = 'grantor-audiences';

/** One for all: most ServiceAccounts have none. */
const noLabels: Labels = Object.freeze({});

/** `namespace/name` of the ServiceAccount that a client is federated for. */
export const serviceAccountOf = ({ namespace, object }: Kept<OAuthClient>): string | undefined =>
  keyIn(namespace, object?.spec.authentication.federated?.serviceAccountName);

/** `issuer/id` of the client that an OAuthClient is at its issuer, whoever registered it. */
export function clientIDOf({ object }: Pick<Kept<OAuthClient>, 'object'>): string | undefined {
  const clientID = (object && claimedClient(object)?.clientID) ?? object?.status?.clientID;
  return object && clientID && keyOf(object.spec.issuerRef.name, clientID);
}

/** `namespace/name` of the Secret that a client's credentials are copied to. */
export const credentialsSecretOf = ({ namespace, object }: Kept<OAuthClient>): string | undefined =>
  keyIn(namespace, object && credentialsSecretName(object));

/** `namespace/name` of the Secret that a binding delivers to. */
export const tokenSecretOf = ({ namespace, object }: Kept<WorkloadIdentityBinding>): string | undefined =>
  keyIn(namespace, object?.spec.delivery?.secretRef.name);

const keyIn = (namespace: string, name: string | undefined): string | undefined =>
  name === undefined ? undefined : keyOf(namespace, name);

const known = (value: string | undefined): string[] => (value === undefined ? [] : [value]);

function registrationSecretRecord(raw: Stored): RegistrationSecretRecord {
  const read = readRegistrationSecret(raw);
  return {
    ...identityOf(raw),
    clientKey: readClientKey(raw.metadata),
    clientUID: readClientUID(raw.metadata),
    record: read.ok ? read.value : undefined,
    problem: read.ok ? undefined : read.error,
  };
}
