import { type RegistrationRecord, registrationPhases } from '../domain/registration-record.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { canonicalJson, type Json } from '../std/canonical-json.ts';
import { formatInstant, parseInstant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { credentialValues, readCredential, readRotation, rotationAnnotations } from './credential-values.ts';
import { decodeValue, encodeData, managedByUs, type SecretManifest } from './secret-manifest.ts';

const annotation = {
  clientNamespace: 'grantor.dev/client-namespace',
  clientName: 'grantor.dev/client-name',
  clientUID: 'grantor.dev/client-uid',
  markedUID: 'grantor.dev/marked-uid',
  adopts: 'grantor.dev/adopts',
  issuer: 'grantor.dev/issuer',
  issuerIdentifier: 'grantor.dev/issuer-identifier',
  phase: 'grantor.dev/phase',
  registeredHash: 'grantor.dev/registered-hash',
  credentialRevision: 'grantor.dev/credential-revision',
  tenant: 'grantor.dev/tenant',
  tokensRevoked: 'grantor.dev/tokens-revoked',
  tokensRevokedAt: 'grantor.dev/tokens-revoked-at',
} as const;

/** The name of the record of one client: nothing of a tenant's is in it. */
export const registrationSecretName = (clientUID: string): string => `client-${clientUID}`;

/** A record as it is written: without its identity at the API server. */
export type RegistrationDraft = Omit<RegistrationRecord, 'uid' | 'resourceVersion'>;

/** The Secret in Grantor's own namespace that keeps a record. */
export function registrationSecretManifest(record: RegistrationDraft, namespace: string): SecretManifest {
  const { registration } = record;
  const values = {
    client_id: registration?.clientID,
    registration_client_uri: registration?.registrationClientURI,
    registration_access_token: registration?.registrationAccessToken?.reveal(),
    ...credentialValues(record),
    ...(record.rotation && credentialValues(record.rotation.other, 'other_')),
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'grantor.dev/registration',
    metadata: {
      name: record.name,
      namespace,
      labels: managedByUs,
      annotations: {
        [annotation.clientNamespace]: record.client.namespace,
        [annotation.clientName]: record.client.name,
        [annotation.clientUID]: record.client.uid,
        ...(record.markedUID === undefined ? {} : { [annotation.markedUID]: record.markedUID }),
        ...(record.adopts === undefined ? {} : { [annotation.adopts]: record.adopts }),
        [annotation.issuer]: record.issuer,
        [annotation.issuerIdentifier]: record.issuerIdentifier,
        [annotation.phase]: record.phase,
        ...(record.registeredHash === undefined
          ? {}
          : { [annotation.registeredHash]: record.registeredHash }),
        [annotation.credentialRevision]: String(record.credentialRevision),
        ...(record.tenantID === undefined ? {} : { [annotation.tenant]: record.tenantID }),
        ...(record.tokensRevoked ? { [annotation.tokensRevoked]: 'true' } : {}),
        ...(record.tokensRevokedAt === undefined
          ? {}
          : { [annotation.tokensRevokedAt]: formatInstant(record.tokensRevokedAt) }),
        ...rotationAnnotations(record),
      },
    },
    data: encodeData(
      Object.fromEntries(
        Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    ),
  };
}

/** Whether two records say the same, whatever version of the Secret each was read from. */
export const saysTheSame = (one: RegistrationDraft, other: RegistrationDraft): boolean =>
  contentOf(one) === contentOf(other);

const contentOf = (record: RegistrationDraft): string =>
  canonicalJson(registrationSecretManifest(record, '') as unknown as Json);

/** `namespace/name` of the OAuthClient that a record is for, from its metadata alone. */
export function readClientKey({ annotations = {} }: ObjectMeta): string | undefined {
  const namespace = annotations[annotation.clientNamespace];
  const name = annotations[annotation.clientName];
  return namespace && name ? `${namespace}/${name}` : undefined;
}

/** UID of the OAuthClient that a record is for, from its metadata alone. */
export const readClientUID = ({ annotations = {} }: ObjectMeta): string | undefined =>
  annotations[annotation.clientUID];

/** Reads a record back. Says what is wrong with one that somebody changed by hand, never what is in it. */
export function readRegistrationSecret(
  secret: KubeObject & { readonly data?: Readonly<Record<string, unknown>> },
): Result<RegistrationRecord, string> {
  const { name, uid, resourceVersion, annotations = {} } = secret.metadata;
  const text = (key: string): string | undefined => decodeValue(secret.data, key);
  const [namespace, clientName, clientUID, issuer, issuerIdentifier] = [
    annotations[annotation.clientNamespace],
    annotations[annotation.clientName],
    annotations[annotation.clientUID],
    annotations[annotation.issuer],
    annotations[annotation.issuerIdentifier],
  ];
  const phase = registrationPhases.find((one) => one === annotations[annotation.phase]);
  const revision = Number(annotations[annotation.credentialRevision]);
  if (uid === undefined || resourceVersion === undefined) return err(`Secret ${name} has no identity`);
  if (!namespace || !clientName || !clientUID || !issuer || !issuerIdentifier)
    return err(`Secret ${name} does not say whose record it is`);
  if (phase === undefined) return err(`Secret ${name} has an unknown phase`);
  if (!Number.isSafeInteger(revision)) return err(`Secret ${name} has no credential revision`);
  const rotating = readRotation(annotations, text);
  if (rotating === undefined) return err(`Secret ${name} has a rotation that cannot be read`);
  const registeredHash = annotations[annotation.registeredHash];
  const tenantID = annotations[annotation.tenant];
  const markedUID = annotations[annotation.markedUID];
  const adopts = annotations[annotation.adopts];
  const revokedAt = parseInstant(annotations[annotation.tokensRevokedAt] ?? '');
  const registration = readRegistration(text);
  return ok({
    uid,
    resourceVersion,
    name,
    client: { namespace, name: clientName, uid: clientUID },
    ...(markedUID === undefined ? {} : { markedUID }),
    ...(adopts === undefined ? {} : { adopts }),
    issuer,
    issuerIdentifier,
    phase,
    credentialRevision: revision,
    ...(registration === undefined ? {} : { registration }),
    ...(registeredHash === undefined ? {} : { registeredHash }),
    ...(tenantID === undefined ? {} : { tenantID }),
    ...(annotations[annotation.tokensRevoked] === 'true' ? { tokensRevoked: true as const } : {}),
    ...(revokedAt.ok ? { tokensRevokedAt: revokedAt.value } : {}),
    ...readCredential(text),
    ...rotating,
  });
}

function readRegistration(text: (key: string) => string | undefined): RegistrationRecord['registration'] {
  const clientID = text('client_id');
  if (clientID === undefined) return undefined;
  const uri = text('registration_client_uri');
  const token = text('registration_access_token');
  return {
    clientID,
    ...(uri === undefined ? {} : { registrationClientURI: uri }),
    ...(token === undefined ? {} : { registrationAccessToken: new Secret(token) }),
  };
}
