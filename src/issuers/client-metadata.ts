import type { AuthorizationServer } from 'oauth4webapi';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { Json } from '../std/canonical-json.ts';
import { sha256 } from '../std/digest.ts';
import { toSeconds } from '../std/duration.ts';
import { registersGrantorMember, secretMethod } from './capabilities.ts';
import { workloadGrantTypes } from './grant-type.ts';

/** Client metadata as RFC 7591 section 2 sends it. */
export type ClientMetadata = { readonly [member: string]: Json };

/**
 * The registration of a client: every member that we care about, none that we don't, the same for the same client. The `grantor`
 * member, which holds the ceiling, goes only to issuers that announce it; others may refuse members they don't know.
 */
export function clientMetadata(client: DesiredClient, server: AuthorizationServer): ClientMetadata {
  return {
    client_name: client.name,
    software_id: client.mark,
    grant_types: client.grantTypes.map((type) => grantTypeOf(type, client)),
    response_types: client.grantTypes.includes('AuthorizationCode') ? ['code'] : [],
    redirect_uris: client.redirectURIs,
    // OpenID Connect Registration section 2: only a native application has plain http.
    ...(client.redirectURIs.some(isPlain) ? { application_type: 'native' } : {}),
    // The grammar has no empty scope (RFC 6749 section 3.3). A server that fills in its defaults is found out by `differenceOf`.
    ...(client.scopes.length > 0 ? { scope: client.scopes.join(' ') } : {}),
    ...authentication(client, server),
    // RFC 9449 section 5.2: the client is given no other tokens, whoever asks in its name.
    ...(client.proofOfPossession === 'DPoP' ? { dpop_bound_access_tokens: true } : {}),
    ...(registersGrantorMember(server) ? { grantor: grantorMember(client) } : {}),
  };
}

/** A workload whose token is the grant itself has that grant instead of client credentials. */
function grantTypeOf(type: DesiredClient['grantTypes'][number], { authentication }: DesiredClient): string {
  if (type === 'AuthorizationCode') return 'authorization_code';
  return authentication.method === 'Federated' && authentication.by !== 'ClientAssertion'
    ? workloadGrantTypes[authentication.by]
    : 'client_credentials';
}

const isPlain = (redirectURI: string): boolean => redirectURI.startsWith('http:');

function authentication({ authentication }: DesiredClient, server: AuthorizationServer): ClientMetadata {
  switch (authentication.method) {
    // The keys of a ServiceAccount token are the cluster's, its subject is in `grantor.workload`. Where it is the grant, it is all there is.
    case 'Federated':
      return {
        token_endpoint_auth_method: authentication.by === 'ClientAssertion' ? 'private_key_jwt' : 'none',
      };
    case 'PrivateKey':
      return {
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: authentication.publicKeys },
      };
    case 'Secret':
      return { token_endpoint_auth_method: secretMethod(server) ?? 'client_secret_basic' };
    case 'MutualTLS':
      return {
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: authentication.publicKeys },
      };
    case 'Public':
      return { token_endpoint_auth_method: 'none' };
  }
}

function grantorMember(client: DesiredClient): Json {
  const { authentication } = client;
  return {
    tenantID: client.tenantID,
    roles: client.roles,
    audiences: client.audiences,
    accessTokenLifetime: toSeconds(client.accessTokenLifetime),
    ...(authentication.method === 'Federated' ? { workload: { ...authentication.workload } } : {}),
    // The issuer is told enough to recognise them, and no answer of it can show them.
    ...(authentication.method === 'Secret' && authentication.secrets.length > 0
      ? { secretDigests: authentication.secrets.map(({ value }) => sha256(value.reveal())) }
      : {}),
  };
}
