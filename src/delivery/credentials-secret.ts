import type { OAuthClient } from '../api/oauth-client.ts';
import { authenticationMethod } from '../domain/authentication-method.ts';
import type { Credential } from '../domain/credential.ts';
import type { AuthenticationMethod } from '../domain/grant.ts';
import { credentialsRevision, type RegistrationRecord } from '../domain/registration-record.ts';
import type { ObjectMeta } from '../kube/objects.ts';
import { isTampered } from './other-hands.ts';
import { encodeData, managedByUs, ownedBy, type SecretManifest } from './secret-manifest.ts';
import { tlsFiles } from './tls-files.ts';

const revision = 'grantor.dev/credential-revision';

/**
 * The copy of a client's credentials for the tenant: `client_id`, `issuer`, and `client_secret`, `private_key.jwk`, or `tls.crt` and `tls.key`. What could
 * change the registration stays behind.
 */
export function credentialsSecretManifest(
  client: OAuthClient,
  issuer: string,
  name: string,
  record: RegistrationRecord,
): SecretManifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'grantor.dev/client',
    metadata: {
      name,
      namespace: client.metadata.namespace,
      labels: managedByUs,
      ...ownedBy(client, {
        [revision]: credentialsRevision(record, authenticationMethod(client.spec.authentication)),
      }),
    },
    data: encodeData({
      issuer,
      client_id: record.registration?.clientID ?? '',
      ...valuesOf(record, authenticationMethod(client.spec.authentication)),
    }),
  };
}

function valuesOf(credential: Credential, method: AuthenticationMethod): Readonly<Record<string, string>> {
  const { clientSecret, privateKey } = credential;
  if (method === 'PrivateKey' && privateKey)
    return { 'private_key.jwk': JSON.stringify(privateKey.reveal()) };
  if (method === 'Secret' && clientSecret) return { client_secret: clientSecret.reveal() };
  const files = method === 'MutualTLS' ? tlsFiles(credential) : undefined;
  return files ? { 'tls.crt': files['tls.crt'], 'tls.key': files['tls.key'].reveal() } : {};
}

/** Whether what is in the Secret is not, or not only, what we copied there. */
export const isCopyTampered = (metadata: ObjectMeta): boolean =>
  isTampered(metadata, ['issuer', 'client_id']);

/** Which revision of the credentials a Secret holds, from its metadata. */
export const readRevision = ({ annotations = {} }: ObjectMeta): string | undefined => annotations[revision];
