/**
 * What an issuer can do, as computed from its discovery document. Decisions refuse what is missing here before anything is sent.
 *
 * - `Register`, `Update`, `Deregister`: RFC 7591 and RFC 7592
 * - `IdempotentRegister`: registering a known `software_id` again answers with the same client
 * - `ManageByMark`: clients are managed by Grantor's own login, with no registration access token of each
 * - `Adopt`: a client that somebody else registered can be taken over under its id, by setting our mark on it
 * - `Compare`: what the issuer holds of a client can be read and compared with what is wanted
 * - `List`: the clients that bear a mark of Grantor's can be listed
 * - `EnforceCeiling`: scopes, audiences and lifetime are part of the registration and hold for every token. It is also what it takes to
 *   disable a client without deleting it: one that is registered for no audience obtains nothing
 * - `TenantClaims`: the tenant and the roles of the registration stand in every token
 * - `BoundAssertions`: a ServiceAccount token is good for the one client that is registered for it, so that the ceiling holds for a workload
 *   which talks to the issuer by itself
 * - `HoldKeys`: the issuer does not fetch the keys of the cluster but is given them, for each workload; they are kept up to date there
 * - `AuthorizationCode`: clients may be registered for the grant of RFC 6749 section 4.1, with redirect URIs
 * - `FederatedAuthentication`, `PrivateKeyAuthentication`, `SecretAuthentication`, `MutualTLSAuthentication`: how a registered client may log in
 * - `PublicClient`: clients may be registered that do not log in, for codes that are bound to them by PKCE (RFC 7636) with S256
 * - `ChooseSecret`: the secret of a client is what we say; elsewhere the issuer makes it, once
 * - `SecretOverlap`: a client can have two secrets for a while
 * - `DPoP`: tokens can be bound to an ES256 key (RFC 9449)
 * - `Revoke`, `Introspect`: RFC 7009 and RFC 7662
 * - `RevokeAll`: whoever manages a registration can end all tokens of the client at once, without having any of them
 */
export const capabilities = [
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
  'HoldKeys',
  'AuthorizationCode',
  'FederatedAuthentication',
  'PrivateKeyAuthentication',
  'SecretAuthentication',
  'MutualTLSAuthentication',
  'PublicClient',
  'ChooseSecret',
  'SecretOverlap',
  'DPoP',
  'Revoke',
  'Introspect',
  'RevokeAll',
] as const;
export type Capability = (typeof capabilities)[number];
