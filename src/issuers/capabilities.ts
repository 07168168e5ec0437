import type { AuthorizationServer } from 'oauth4webapi';
import type { Capability } from '../domain/capability.ts';
import type { FederationMethod } from '../domain/desired-client.ts';
import { workloadGrantTypes } from './grant-type.ts';

/** Our extensions to RFC 8414, as the embedded issuer defines them. */
type Extension =
  | 'grantor_registration_supported'
  | 'grantor_registration_idempotent'
  | 'grantor_client_tokens_revocation_supported'
  | 'grantor_client_secret_digests_supported'
  | 'grantor_workload_federation_supported';

const announces = (server: AuthorizationServer, extension: Extension): boolean => server[extension] === true;

/** The issuer understands the `grantor` member of a registration and holds every token to it. */
export const registersGrantorMember = (server: AuthorizationServer): boolean =>
  announces(server, 'grantor_registration_supported');

/** How a client with a secret logs in here; undefined where no client can. Servers that don't say support Basic (RFC 8414). */
export function secretMethod(
  server: AuthorizationServer,
): 'client_secret_basic' | 'client_secret_post' | undefined {
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return (['client_secret_basic', 'client_secret_post'] as const).find((method) => methods.includes(method));
}

/**
 * What an issuer can do, according to its discovery document, for clients whose ServiceAccount tokens are shown in this way. What it does
 * not announce it can't do.
 */
export function capabilitiesOf(
  server: AuthorizationServer,
  federation: FederationMethod = 'ClientAssertion',
): ReadonlySet<Capability> {
  const registration = server.registration_endpoint !== undefined;
  const grantor = registration && registersGrantorMember(server);
  const takesDigests = grantor && announces(server, 'grantor_client_secret_digests_supported');
  const announced: Readonly<Record<Capability, boolean>> = {
    Register: registration,
    // RFC 7592 has no metadata: whether a client can be managed is known from the answer to its registration.
    Update: registration,
    Deregister: registration,
    IdempotentRegister: registration && announces(server, 'grantor_registration_idempotent'),
    // What is read by RFC 7592 is compared as the answer to an update is.
    Compare: registration,
    ManageByMark: false,
    Adopt: false,
    List: false,
    EnforceCeiling: grantor,
    TenantClaims: grantor,
    BoundAssertions: grantor,
    HoldKeys: false,
    AuthorizationCode: registration && asksUsers(server),
    // The workload is told in the `grantor` member; without it the issuer could not know whose assertions to take.
    FederatedAuthentication:
      grantor &&
      announces(server, 'grantor_workload_federation_supported') &&
      takesWorkloads(server, federation),
    PrivateKeyAuthentication: signsWithES256(server),
    SecretAuthentication: secretMethod(server) !== undefined,
    MutualTLSAuthentication:
      registration &&
      server.token_endpoint_auth_methods_supported?.includes('self_signed_tls_client_auth') === true,
    // RFC 7591 has no words to insist on PKCE. A server that knows it holds those to it that use it (RFC 9700 section 2.1.1).
    PublicClient: registration && asksUsers(server) && takesPublicClients(server),
    ChooseSecret: takesDigests,
    SecretOverlap: takesDigests,
    DPoP: server.dpop_signing_alg_values_supported?.includes('ES256') === true,
    Revoke: server.revocation_endpoint !== undefined,
    Introspect: server.introspection_endpoint !== undefined,
    RevokeAll: registration && announces(server, 'grantor_client_tokens_revocation_supported'),
  };
  return new Set((Object.keys(announced) as Capability[]).filter((capability) => announced[capability]));
}

/** Metadata without `grant_types_supported` means authorization_code and implicit (RFC 8414 section 2). */
const asksUsers = (server: AuthorizationServer): boolean =>
  server.authorization_endpoint !== undefined &&
  (server.grant_types_supported ?? ['authorization_code']).includes('authorization_code');

/** That ServiceAccount tokens are client assertions is what the extension says; the grants have names of their own. */
const takesWorkloads = (server: AuthorizationServer, federation: FederationMethod): boolean =>
  federation === 'ClientAssertion' ||
  server.grant_types_supported?.includes(workloadGrantTypes[federation]) === true;

/** Whether clients that have nothing to log in with may get tokens for users here, held to PKCE (S256). */
export const takesPublicClients = (server: AuthorizationServer): boolean =>
  server.token_endpoint_auth_methods_supported?.includes('none') === true &&
  server.code_challenge_methods_supported?.includes('S256') === true;

/** Whether clients may log in with a key of ES256 here (`private_key_jwt`). */
export function signsWithES256(server: AuthorizationServer): boolean {
  const algorithms = server.token_endpoint_auth_signing_alg_values_supported;
  const methods = server.token_endpoint_auth_methods_supported ?? [];
  return methods.includes('private_key_jwt') && (algorithms === undefined || algorithms.includes('ES256'));
}
