import type { OAuthClient } from '../api/oauth-client.ts';
import { canonicalJson, type Json } from '../std/canonical-json.ts';
import { sha256 } from '../std/digest.ts';
import { type Duration, minutes } from '../std/duration.ts';
import type { Secret } from '../std/secret.ts';

/** A Kubernetes workload as an issuer sees it: `iss`, `sub` and the ServiceAccount's UID in its ServiceAccount tokens. */
export interface Workload {
  readonly issuer: string;
  readonly subject: string;
  readonly uid: string;
}

/** A public key as a JWK (RFC 7517). */
export type PublicKey = { readonly [member: string]: Json };

/** A client secret that we chose. The revision stands for it wherever the secret itself must not be. */
export interface ChosenSecret {
  readonly revision: number;
  readonly value: Secret;
}

/** How a workload's ServiceAccount token is shown: as `client_assertion` or as `assertion` (RFC 7523), or as `subject_token` (RFC 8693). */
export type FederationMethod = 'ClientAssertion' | 'JWTBearer' | 'TokenExchange';

/** How a client is registered to authenticate. While a credential is being replaced there are two, the newest first. */
export type RegisteredAuthentication =
  | { readonly method: 'Federated'; readonly by: FederationMethod; readonly workload: Workload }
  | { readonly method: 'PrivateKey'; readonly publicKeys: readonly PublicKey[] }
  /** By a connection with the certificate of one of these keys, which is in its `x5c`. */
  | { readonly method: 'MutualTLS'; readonly publicKeys: readonly PublicKey[] }
  /** Without any the issuer chooses one. */
  | { readonly method: 'Secret'; readonly secrets: readonly ChosenSecret[] }
  /** It does not. An issuer that can insist on PKCE with S256 is told to. */
  | { readonly method: 'Public' };

/** A client as it should stand at the issuer. */
export interface DesiredClient {
  /** Our mark: unique for the OAuthClient, sent as `software_id` (RFC 7591). */
  readonly mark: string;
  /** The id of a client that somebody else registered and that is to become this one (`Adopt`). Only `register` looks at it. */
  readonly adopts?: string;
  readonly name: string;
  readonly grantTypes: readonly ('ClientCredentials' | 'AuthorizationCode')[];
  readonly redirectURIs: readonly string[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly roles: readonly string[];
  readonly tenantID: string;
  readonly accessTokenLifetime: Duration;
  readonly proofOfPossession: 'None' | 'DPoP';
  readonly authentication: RegisteredAuthentication;
}

/** What the rest of the cluster adds to the spec of a client. */
export interface ClientSurroundings {
  readonly mark: string;
  readonly tenantID: string;
  readonly accessTokenLifetime: Duration;
  readonly authentication: RegisteredAuthentication;
}

/** What an OAuthClient is known by, also when it is gone. */
type ClientIdentity = Pick<OAuthClient['metadata'], 'namespace' | 'name' | 'uid'>;

const nameOf = ({ namespace, name }: Pick<ClientIdentity, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

/** The registration that the spec of a client asks for. */
export const desiredClient = (
  { metadata, spec }: OAuthClient,
  surroundings: ClientSurroundings,
): DesiredClient => ({
  mark: surroundings.mark,
  ...(spec.adopt === undefined ? {} : { adopts: spec.adopt.clientID }),
  name: nameOf(metadata),
  grantTypes: spec.grantTypes,
  redirectURIs: spec.redirectURIs,
  scopes: spec.scopes,
  audiences: spec.audiences,
  roles: spec.roles,
  tenantID: surroundings.tenantID,
  accessTokenLifetime: surroundings.accessTokenLifetime,
  proofOfPossession: spec.proofOfPossession,
  authentication: surroundings.authentication,
});

/** The grant type stays that needs nothing else: issuers may refuse a client without any, or a code without redirect URIs. */
const nothing = {
  tenantID: 'withdrawn',
  grantTypes: ['ClientCredentials'],
  redirectURIs: [],
  scopes: [],
  audiences: [],
  roles: [],
} as const;

/**
 * The same client with nothing left to obtain: it keeps its id, and the issuer grants it no token. A public one gets a secret that nobody is
 * told, since it has to be registered for what needs a login.
 */
export function withdrawnClient(client: DesiredClient): DesiredClient {
  const { adopts: _, ...kept } = client;
  const isPublic = kept.authentication.method === 'Public';
  return { ...kept, ...nothing, ...(isPublic ? { authentication: { method: 'Secret', secrets: [] } } : {}) };
}

/**
 * All that is left of a client whose OAuthClient goes: its mark. It has no workload, which may be another client's by now; a key that it
 * has stays, since its issuer may take no secrets.
 */
export const bareClient = (
  mark: string,
  identity: Pick<ClientIdentity, 'namespace' | 'name'>,
  publicKey: PublicKey | undefined,
): DesiredClient => ({
  mark,
  name: nameOf(identity),
  ...nothing,
  accessTokenLifetime: minutes(1),
  proofOfPossession: 'None',
  authentication: publicKey
    ? { method: 'PrivateKey', publicKeys: [publicKey] }
    : { method: 'Secret', secrets: [] },
});

/** Equal for equal registrations: kept with the registration, it shows that the issuer holds what is wanted. */
export const desiredClientHash = (client: DesiredClient): string =>
  sha256(canonicalJson(client as unknown as Json));
