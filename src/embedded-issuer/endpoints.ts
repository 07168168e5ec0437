import { lifetimeBounds } from './grantor-registration.ts';
import { workloadGrants } from './workload-grants.ts';

/** The paths that this issuer serves. oidc-provider has more; whatever is not here does not exist. */
export const paths = {
  health: '/healthz',
  openidDiscovery: '/.well-known/openid-configuration',
  oauthDiscovery: '/.well-known/oauth-authorization-server',
  jwks: '/jwks',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  registration: '/register',
} as const;

/** How clients prove who they are. A client that exchanges its workload's token (`none`) has nothing else to show. */
export const clientAuthMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'self_signed_tls_client_auth',
] as const;

/** What client assertions may be signed with. */
export const assertionAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;

/** What proofs of possession (DPoP) may be signed with. */
export const proofAlgorithms = ['ES256'] as const;

/**
 * The issuer's metadata (RFC 8414), the same at both discovery paths. Beyond the registered names:
 *
 * - `grantor_registration_supported`: the registration member `grantor` is understood, and every token is held to it
 * - `grantor_registration_idempotent`: registering a known `software_id` again answers with the same client: its metadata
 *   replaced, its id and secret kept, a fresh registration access token
 * - `grantor_client_tokens_revocation_supported`: `DELETE {registration_client_uri}/tokens` with the registration access token
 *   revokes every token issued to the client so far
 * - `grantor_client_secret_digests_supported`: the registrant can choose a client's secrets, two at a time, by their digests in `grantor`
 * - `grantor_workload_federation_supported`: at least one cluster's ServiceAccount tokens are accepted, as client assertions and in
 *   the grants that are named
 * - `grantor_access_token_lifetime_seconds`: the shortest and the longest lifetime that can be registered
 */
export function issuerMetadata(issuer: string, options: { readonly federation: boolean }) {
  const at = (path: string): string => `${issuer}${path}`;
  const none = options.federation ? ['none'] : [];
  return {
    issuer,
    token_endpoint: at(paths.token),
    jwks_uri: at(paths.jwks),
    registration_endpoint: at(paths.registration),
    introspection_endpoint: at(paths.introspection),
    revocation_endpoint: at(paths.revocation),
    response_types_supported: [],
    grant_types_supported: ['client_credentials', ...(options.federation ? Object.keys(workloadGrants) : [])],
    token_endpoint_auth_methods_supported: [...clientAuthMethods, ...none],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    tls_client_certificate_bound_access_tokens: true,
    dpop_signing_alg_values_supported: proofAlgorithms,
    introspection_endpoint_auth_methods_supported: clientAuthMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: [...clientAuthMethods, ...none],
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    grantor_registration_supported: true,
    grantor_registration_idempotent: true,
    grantor_client_tokens_revocation_supported: true,
    grantor_client_secret_digests_supported: true,
    grantor_workload_federation_supported: options.federation,
    grantor_access_token_lifetime_seconds: lifetimeBounds,
  };
}
