import type { AuthorizationServer } from 'oauth4webapi';
import type { Capability } from '../../domain/capability.ts';
import { capabilitiesOf } from '../capabilities.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import type { AdminAPI } from './admin-api.ts';
import { isObject, listAt, readClient } from './held-client.ts';
import { serverInfoOf } from './realm.ts';

const what = 'discovery';
/** It describes every provider and every setting of the server; about 300 KiB. */
const longestServerInfo = 1024 * 1024;

/** What every Keycloak can do whose login may manage clients. */
const always: readonly Capability[] = [
  'Register',
  'IdempotentRegister',
  'Update',
  'Deregister',
  'ManageByMark',
  'Adopt',
  'Compare',
  'List',
  'EnforceCeiling',
  'TenantClaims',
  'BoundAssertions',
  'AuthorizationCode',
  'PublicClient',
  'ChooseSecret',
  'RevokeAll',
];
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
  realmURL: string,
  ownClientID: string,
): Promise<ReadonlySet<Capability>> {
  await requireRights(admin, realmURL, ownClientID);
  const features = await enabledFeatures(admin, realmURL);
  const announced = capabilitiesOf(server);
  const isFederated = features.has('CLIENT_AUTH_FEDERATED') && features.has('KUBERNETES_SERVICE_ACCOUNTS');
  return new Set<Capability>([
    ...always,
    ...fromMetadata.filter((capability) => announced.has(capability)),
    ...(isFederated ? (['FederatedAuthentication'] as const) : []),
    ...(features.has('CLIENT_SECRET_ROTATION') ? (['SecretOverlap'] as const) : []),
  ]);
}

/** Keycloak says with each client what whoever asks may do to it; Grantor's own is surely there. */
async function requireRights(admin: AdminAPI, url: string, ownClientID: string): Promise<void> {
  const list = await admin.read(`${url}/clients?clientId=${encodeURIComponent(ownClientID)}`);
  const [own] = Array.isArray(list) ? list : [];
  if (readClient(own)?.mayManage === true) return;
  const said = `the client ${ownClientID} lacks the role manage-clients of realm-management`;
  throw new IssuerFailureError(failure('loginFailed', what, said));
}

async function enabledFeatures(admin: AdminAPI, realmURL: string): Promise<ReadonlySet<string>> {
  const info = await admin.read(serverInfoOf(realmURL), longestServerInfo);
  const features = isObject(info) ? listAt(info, 'features') : [];
  return new Set(
    features.flatMap((feature) =>
      isObject(feature) && feature['enabled'] === true ? [String(feature['name'])] : [],
    ),
  );
}
