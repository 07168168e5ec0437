import { isCopyTampered, readRevision } from '../delivery/credentials-secret.ts';
import { lastWrite } from '../delivery/other-hands.ts';
import { ownerOf, type SecretType } from '../delivery/secret-manifest.ts';
import { isTokenTampered, readDelivered } from '../delivery/token-secret.ts';
import type { TokenSecret } from '../domain/binding-facts.ts';
import type { CredentialsSecret } from '../domain/registration-record.ts';
import { secretKind } from '../kube/core-kinds.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { ObjectMeta, Stored } from '../kube/objects.ts';
import { createInformer, type Informer, type InformerOptions } from '../runtime/informer.ts';
import { type ListWatch, listWatchOf } from '../runtime/list-watch.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { identityOf } from '../world/kept.ts';

/** A Secret of ours in a tenant's namespace: whose it is, and what its metadata says. Its data is never read. */
export interface OwnedSecret extends StoreRecord {
  readonly ownerName: string | undefined;
  readonly ownerUID: string | undefined;
}
export type TokenSecretRecord = OwnedSecret & TokenSecret;
export type CredentialsSecretRecord = OwnedSecret & CredentialsSecret;

/** The Secrets of ours that tenants have. */
export interface TenantSecrets {
  readonly tokenSecrets: Informer<TokenSecretRecord, 'owner'>;
  readonly credentialsSecrets: Informer<CredentialsSecretRecord, 'owner'>;
}

export type InformerEnvironment = Pick<
  InformerOptions<StoreRecord, never>,
  'clock' | 'rng' | 'log' | 'metrics'
>;

/** Sets up their informers, for one namespace or for all. */
export const createTenantSecrets = (
  kube: Pick<KubeClient, 'list' | 'watch'>,
  environment: InformerEnvironment,
  namespace?: string,
): TenantSecrets => ({
  tokenSecrets: createInformer({
    ...environment,
    name: named('token secrets', namespace),
    listWatch: ofType(kube, 'grantor.dev/token', namespace),
    transform: tokenSecretRecord,
    indexes: { owner: ownerKey },
  }),
  credentialsSecrets: createInformer({
    ...environment,
    name: named('credentials secrets', namespace),
    listWatch: ofType(kube, 'grantor.dev/client', namespace),
    transform: credentialsSecretRecord,
    indexes: { owner: ownerKey },
  }),
});

/** In the log and in metrics each is told apart: one that hears nothing must not hide behind the others. */
const named = (what: string, namespace: string | undefined): string =>
  namespace === undefined ? what : `${what} in ${namespace}`;

const ofType = (
  kube: Pick<KubeClient, 'list' | 'watch'>,
  type: SecretType,
  namespace: string | undefined,
): ListWatch =>
  listWatchOf(kube, secretKind, {
    fieldSelector: `type=${type}`,
    metadataOnly: true,
    ...(namespace === undefined ? {} : { namespace }),
  });

const ownerKey = ({ namespace, ownerName }: OwnedSecret): string[] =>
  ownerName === undefined ? [] : [keyOf(namespace, ownerName)];

function tokenSecretRecord(raw: Stored): TokenSecretRecord {
  const delivered = readDelivered(raw.metadata);
  return {
    ...identityOf(raw),
    ...identityOfOwner(raw.metadata, 'WorkloadIdentityBinding'),
    ...(delivered === undefined ? {} : { delivered }),
    ...(isTokenTampered(raw.metadata) ? { tampered: true } : {}),
  };
}

function credentialsSecretRecord(raw: Stored): CredentialsSecretRecord {
  const revision = readRevision(raw.metadata);
  const writtenAt = lastWrite(raw.metadata);
  return {
    ...identityOf(raw),
    ...identityOfOwner(raw.metadata, 'OAuthClient'),
    ...(revision === undefined ? {} : { revision }),
    ...(writtenAt === undefined ? {} : { writtenAt }),
    ...(isCopyTampered(raw.metadata) ? { tampered: true } : {}),
  };
}

function identityOfOwner(metadata: ObjectMeta, kind: string): Pick<OwnedSecret, 'ownerName' | 'ownerUID'> {
  const owner = ownerOf(metadata, kind);
  return { ownerName: owner?.name, ownerUID: owner?.uid };
}
