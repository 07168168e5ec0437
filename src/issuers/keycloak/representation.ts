import type { DesiredClient, RegisteredAuthentication } from '../../domain/desired-client.ts';
import { toSeconds } from '../../std/duration.ts';
import { clientMappers, type ProtocolMapper } from './protocol-mappers.ts';
import { audienceScope, isReserved } from './scope-names.ts';

/** A client as Keycloak is told of it, but for its secrets. Everything that could widen what it obtains is said, also what is off. */
export interface Representation {
  /** Members of `ClientRepresentation`. */
  readonly members: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** The empty text is for an attribute that must not be there: leaving it out would leave it as it is. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly mappers: readonly ProtocolMapper[];
  /** Names of the optional client scopes: all that can be asked for. A client that is disabled can ask for nothing anyway. */
  readonly scopes: readonly string[];
}

/** Attributes by which a client of Grantor's is known. */
export const markAttribute = 'grantor.mark';
export const tenantAttribute = 'grantor.tenant';

interface Surroundings {
  readonly clientID: string;
  /** Alias of the identity provider that knows the cluster's ServiceAccounts. */
  readonly identityProvider: string;
}

/** The registration of a client: a pure function, the same for the same client. */
export function representationOf(client: DesiredClient, surroundings: Surroundings): Representation {
  const { clientID } = surroundings;
  const byUsers = client.grantTypes.includes('AuthorizationCode');
  const { authenticator, attributes } = authenticationOf(client, surroundings);
  return {
    members: {
      clientId: clientID,
      // The column has no room for more.
      name: client.name.slice(0, 255),
      protocol: 'openid-connect',
      // Without an audience there is nothing to obtain, and nothing to log in for.
      enabled: !isWithdrawn(client),
      clientAuthenticatorType: authenticator,
      publicClient: client.authentication.method === 'Public',
      bearerOnly: false,
      serviceAccountsEnabled: client.grantTypes.includes('ClientCredentials'),
      standardFlowEnabled: byUsers,
      implicitFlowEnabled: false,
      directAccessGrantsEnabled: false,
      fullScopeAllowed: false,
      redirectUris: client.redirectURIs,
      webOrigins: [],
    },
    attributes: {
      [markAttribute]: client.mark,
      [tenantAttribute]: client.tenantID,
      'access.token.lifespan': String(toSeconds(client.accessTokenLifetime)),
      'access.token.signed.response.alg': 'ES256',
      'access.token.header.type.rfc9068': 'true',
      'dpop.bound.access.tokens': String(client.proofOfPossession === 'DPoP'),
      'pkce.code.challenge.method': byUsers ? 'S256' : '',
      ...otherGrants,
      ...attributes,
    },
    mappers: clientMappers(client, clientID),
    scopes: isWithdrawn(client)
      ? []
      : [...requestedScopes(client.scopes), ...client.audiences.map(audienceScope)],
  };
}

export const isWithdrawn = ({ audiences }: Pick<DesiredClient, 'audiences'>): boolean =>
  audiences.length === 0;

/** Keycloak knows `openid` without a client scope, and lets every client ask for it. */
export const requestedScopes = (scopes: readonly string[]): readonly string[] =>
  scopes.filter((scope) => scope !== 'openid');

/** Grants that nobody asked for, each of which would be another door. */
const otherGrants = {
  'oauth2.device.authorization.grant.enabled': 'false',
  'oauth2.jwt.authorization.grant.enabled': 'false',
  'oidc.ciba.grant.enabled': 'false',
  'standard.token.exchange.enabled': 'false',
};

/** One way to log in, and nothing left of the others: a ServiceAccount that is named by two clients opens neither. */
function authenticationOf(
  client: DesiredClient,
  { identityProvider }: Surroundings,
): { readonly authenticator: string; readonly attributes: Readonly<Record<string, string>> } {
  const none = {
    'jwt.credential.issuer': '',
    'jwt.credential.sub': '',
    'use.jwks.string': 'false',
    'use.jwks.url': 'false',
    'jwks.string': '',
    'token.endpoint.auth.signing.alg': '',
  };
  const { authentication } = client;
  switch (authentication.method) {
    case 'Federated':
      return {
        authenticator: 'federated-jwt',
        attributes: {
          ...none,
          ...(isWithdrawn(client)
            ? {}
            : {
                'jwt.credential.issuer': identityProvider,
                'jwt.credential.sub': authentication.workload.subject,
              }),
        },
      };
    case 'PrivateKey':
      return {
        authenticator: 'client-jwt',
        attributes: {
          ...none,
          'use.jwks.string': 'true',
          'jwks.string': JSON.stringify({ keys: authentication.publicKeys }),
          'token.endpoint.auth.signing.alg': 'ES256',
        },
      };
    // A public client has no authenticator that counts (`publicClient`).
    case 'Public':
    // Nor has one with a certificate, which is refused (`objectionTo`).
    case 'MutualTLS':
    case 'Secret':
      return { authenticator: 'client-secret', attributes: none };
  }
}

/** Why Keycloak cannot hold this client, in a sentence. */
export function objectionTo(client: DesiredClient): string | undefined {
  const reserved = client.scopes.find(isReserved);
  if (reserved !== undefined)
    return `the scope ${reserved} would open an audience: such names are Grantor's own`;
  if (client.redirectURIs.some((uri) => uri.length > 255))
    return 'Keycloak takes redirect URIs of at most 255 characters';
  if (client.authentication.method === 'MutualTLS')
    return 'Keycloak knows certificates by the names in them, and not those that a client made itself';
  return byAssertion(client.authentication)
    ? undefined
    : 'Keycloak takes ServiceAccount tokens as client assertions only: set spec.federation.method to ClientAssertion';
}

const byAssertion = (authentication: RegisteredAuthentication): boolean =>
  authentication.method !== 'Federated' || authentication.by === 'ClientAssertion';
