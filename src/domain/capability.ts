/**
 * What an issuer can do, as computed from its discovery document. Decisions refuse what is missing here before anything is sent.
 *
 * - `Register`, `Update`, `Deregister`: RFC 7591 and RFC 7592
 * - `IdempotentRegister`: registering a known `software_id` again answers with the same client
 * - `EnforceCeiling`: tenant, roles, audiences and lifetime are part of the registration and hold for every token. It is also what it takes to
 *   disable a client without deleting it: one that is registered for no audience obtains nothing
 * - `AuthorizationCode`: clients may be registered for the grant of RFC 6749 section 4.1, with redirect URIs
 * - `FederatedAuthentication`, `PrivateKeyAuthentication`, `SecretAuthentication`: how a registered client may log in
 * - `DPoP`: tokens can be bound to an ES256 key (RFC 9449)
 * - `Revoke`, `Introspect`: RFC 7009 and RFC 7662
 * - `RevokeAll`: whoever manages a registration can end all tokens of the client at once, without having any of them
 */
export const capabilities = [
  'Register',
  'IdempotentRegister',
  'Update',
  'Deregister',
  'EnforceCeiling',
  'AuthorizationCode',
  'FederatedAuthentication',
  'PrivateKeyAuthentication',
  'SecretAuthentication',
  'DPoP',
  'Revoke',
  'Introspect',
  'RevokeAll',
] as const;
export type Capability = (typeof capabilities)[number];
