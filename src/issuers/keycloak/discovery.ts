import type { AuthorizationServer } from 'oauth4webapi';
import type { Capability } from '../../domain/capability.ts';
import { capabilitiesOf } from '../capabilities.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import { isObject } from '../is-object.ts';
import { managedByMark } from '../managed-by-mark.ts';
import type { AdminAPI } from './admin-api.ts';
import type { Realm } from './find-client.ts';
import { listAt, readClient } from './held-client.ts';
import { serverInfoOf } from './realm.ts';

const what = 'discovery';
/** It describes every provider and every setting of the server; about 300 KiB. */
const longestServerInfo = 1024 * 1024;

/** What every Keycloak can do whose login may manage clients. */
const always: readonly Capability[] = [...managedByMark, 'TenantClaims', 'BoundAssertions', 'PublicClient'];
const fromMetadata: readonly Capability[] = [
  'PrivateKeyAuthentication',
  'SecretAuthentication',
  'DPoP',
  'Revoke',
  'Introspect',
];

/** What this Keycloak can do, with the rights that Grantor's own login has there. Throws what `AdminAPI` throws. */
export async function keycloakCapabilities(
  admin: AdminAPI,
  server: AuthorizationServer,
  realm: Pick<Realm, 'url' | 'ownClientID' | 'identityProvider'>,
): Promise<ReadonlySet<Capability>> {
  await checkOwnClient(admin, realm);
  const features = await enabledFeatures(admin, realm.url);
  const announced = capabilitiesOf(server);
  const isFederated = features.has('CLIENT_AUTH_FEDERATED') && features.has('KUBERNETES_SERVICE_ACCOUNTS');
  return new Set<Capability>([
    ...always,
    ...fromMetadata.filter((capability) => announced.has(capability)),
    ...(isFederated ? (['FederatedAuthentication'] as const) : []),
    ...(features.has('CLIENT_SECRET_ROTATION') ? (['SecretOverlap'] as const) : []),
  ]);
}

/**
 * Grantor's own client is surely there, and Keycloak says with each client what whoever asks may do to it. Where it is opened by a
 * ServiceAccount it also tells by which identity provider those of this cluster are known: there can be no second one.
 */
async function checkOwnClient(
  admin: AdminAPI,
  { url, ownClientID, identityProvider }: Pick<Realm, 'url' | 'ownClientID' | 'identityProvider'>,
): Promise<void> {
  const list = await admin.read(`${url}/clients?clientId=${encodeURIComponent(ownClientID)}`);
  const own = readClient(Array.isArray(list) ? list[0] : undefined);
  if (own?.mayManage !== true)
    throw loginFailed(`the client ${ownClientID} lacks the role manage-clients of realm-management`);
  const alias = own.attributes['jwt.credential.issuer'];
  if (own.member('clientAuthenticatorType') === 'federated-jwt' && alias !== identityProvider)
    throw loginFailed(
      `Grantor logs in by the identity provider ${String(alias)}; write that into spec.driver.keycloak`,
    );
}

const loginFailed = (said: string): IssuerFailureError =>
  new IssuerFailureError(failure('loginFailed', what, said));

async function enabledFeatures(admin: AdminAPI, realmURL: string): Promise<ReadonlySet<string>> {
  const info = await admin.read(serverInfoOf(realmURL), longestServerInfo);
  const features = isObject(info) ? listAt(info, 'features') : [];
  return new Set(
    features.flatMap((feature) =>
      isObject(feature) && feature['enabled'] === true ? [String(feature['name'])] : [],
    ),
  );
}
