import type { DesiredClient, RegisteredAuthentication } from '../../domain/desired-client.ts';
import { canonicalJson, type Json, sameJson } from '../../std/canonical-json.ts';
import { type Duration, toSeconds } from '../../std/duration.ts';

/** A client as Hydra's admin API has it. */
export type HydraClient = { readonly [member: string]: Json };

/** What we keep with a client at Hydra, in `metadata.grantor`: it shows whose the client is, and tells a token hook what to put into tokens. */
export interface GrantorMetadata {
  readonly mark: string;
  readonly tenantID: string;
  readonly roles: readonly string[];
  readonly workload?: { readonly issuer: string; readonly subject: string; readonly uid: string };
}

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Hydra gives `openid` and `offline` to a client without any scope. Nobody grants anything for this one. */
const noScope = 'grantor:none';

/**
 * Every member that is ours. All that a client may obtain is its grant types: one that is registered for no audience has none, and Hydra gives it
 * no token whatever it shows.
 */
export function clientForm(client: DesiredClient, clientID: string): HydraClient {
  return {
    client_id: clientID,
    client_name: client.name,
    ...grants(client),
    scope: client.scopes.length > 0 ? client.scopes.join(' ') : noScope,
    audience: client.audiences,
    access_token_strategy: 'jwt',
    ...lifetimes(client.accessTokenLifetime),
    ...authentication(client.authentication),
    metadata: { grantor: grantorMetadata(client) },
  };
}

function grants({ audiences, grantTypes, redirectURIs, authentication }: DesiredClient): HydraClient {
  const granted = audiences.length === 0 ? [] : grantTypes;
  const byWorkload = authentication.method === 'Federated' ? jwtBearer : 'client_credentials';
  const names = { ClientCredentials: byWorkload, AuthorizationCode: 'authorization_code' } as const;
  const asksUsers = granted.includes('AuthorizationCode');
  return {
    grant_types: granted.map((type) => names[type]),
    response_types: asksUsers ? ['code'] : [],
    redirect_uris: asksUsers ? redirectURIs : [],
  };
}

/** Of access tokens, by whatever grant. */
const lifetimes = (lifetime: Duration): HydraClient =>
  Object.fromEntries(
    ['client_credentials', 'jwt_bearer', 'authorization_code', 'refresh_token', 'implicit'].map((grant) => [
      `${grant}_grant_access_token_lifespan`,
      goDuration(toSeconds(lifetime)),
    ]),
  );

/** As Go writes a duration, and so as Hydra answers it: `1h0m0s`, `10m0s`, `45s`. */
function goDuration(total: number): string {
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function authentication(registered: RegisteredAuthentication): HydraClient {
  const nothing = { token_endpoint_auth_signing_alg: '', jwks: {}, jwks_uri: '' };
  switch (registered.method) {
    // Its ServiceAccount token is the grant; nothing else proves who the client is (RFC 7523 section 3.1).
    case 'Federated':
    // Its codes are bound to it by PKCE, which Hydra checks where it is used.
    case 'Public':
      return { ...nothing, token_endpoint_auth_method: 'none' };
    case 'PrivateKey':
      return {
        ...nothing,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: registered.publicKeys },
      };
    case 'Secret':
    // Is refused before (`unsuitable`).
    case 'MutualTLS':
      return { ...nothing, token_endpoint_auth_method: 'client_secret_basic' };
  }
}

function grantorMetadata({ mark, tenantID, roles, authentication }: DesiredClient): Json {
  const workload = authentication.method === 'Federated' ? { workload: { ...authentication.workload } } : {};
  return { mark, tenantID, roles, ...workload };
}

/** What to put in the place of a client: what is ours as it should be, and what is not ours as it was. */
export function laidOver(found: HydraClient, form: HydraClient): HydraClient {
  const { client_secret_expires_at: _, created_at: __, updated_at: ___, ...kept } = found;
  const metadata = { ...membersOf(found['metadata']), ...membersOf(form['metadata']) };
  return { ...kept, ...form, metadata };
}

/** Members by the word that a condition has for them. */
const respects: Readonly<Record<string, readonly string[]>> = {
  name: ['client_name'],
  'grant types': ['grant_types', 'response_types'],
  'redirect URIs': ['redirect_uris'],
  scope: ['scope'],
  audiences: ['audience'],
  'token format': ['access_token_strategy'],
  lifetime: Object.keys(lifetimes(0 as Duration)),
  authentication: ['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'],
  keys: ['jwks', 'jwks_uri'],
};

const ofMetadata: Readonly<Record<string, keyof GrantorMetadata>> = {
  mark: 'mark',
  tenant: 'tenantID',
  roles: 'roles',
  workload: 'workload',
};

/** In what a client differs from its form. Neither order, nor a default that says nothing, nor what is not ours is a difference. */
export function differencesOf(found: HydraClient, form: HydraClient): readonly string[] {
  const [theirs, ours] = [found, form].map((one) => membersOf(membersOf(one['metadata'])['grantor']));
  return [
    ...Object.entries(respects).filter(([, members]) =>
      members.some((member) => !isSame(normal(member, found[member]), normal(member, form[member]))),
    ),
    ...Object.entries(ofMetadata).filter(([, member]) => !isSame(theirs?.[member], ours?.[member])),
  ].map(([respect]) => respect);
}

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  sameJson(settled(one), settled(other));

/** A scope is a set of words, and a set of keys may be left out. */
function normal(member: string, value: Json | undefined): Json | undefined {
  if (member === 'scope' && typeof value === 'string') return value.split(' ');
  return member === 'jwks' ? membersOf(value)['keys'] : value;
}

/** Hydra says of what is not there that it is null, or an empty text, list or object. Lists are sets here. */
function settled(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(canonicalJson).toSorted();
  return value === undefined || value === '' ? null : value;
}

const membersOf = (value: Json | undefined): HydraClient =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as HydraClient) : {};
