import { type Client, type ClientMetadata, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { hasCertificate } from './client-certificate.ts';
import type { ClientStore, StoredClient } from './client-store.ts';
import { type GrantorRegistration, parseGrantorRegistration } from './grantor-registration.ts';
import { parseScopeList } from './scope-list.ts';
import { workloadGrants } from './workload-grants.ts';
import { notIdentified, type WorkloadLogin } from './workload-login.ts';

/** Client metadata of ours beside that of RFC 7591 section 2. `software_id` is there too, but oidc-provider does not know it. */
export const ownClientMetadata = ['software_id', 'grantor'] as const;

export interface ClientRulesOptions {
  readonly clients: ClientStore;
  readonly login: Pick<WorkloadLogin, 'trusts' | 'trustedIssuers' | 'publicKey'>;
}

type Metadata = { -readonly [Member in keyof StoredClient]: StoredClient[Member] };

/**
 * Checks a registration or an update beyond what oidc-provider does, in order. It is called for each of `ownClientMetadata` and
 * also when a stored client is loaded, then without a request; the rules that compare with other clients are for requests.
 *
 * @throws InvalidClientMetadata (RFC 7591 section 3.2.2), which says what to change
 */
export function clientRules(options: ClientRulesOptions) {
  return (
    ctx: KoaContextWithOIDC | undefined,
    member: string,
    _value: unknown,
    metadata: ClientMetadata,
  ): void => {
    if (member !== 'grantor') return;
    const client = metadata as Metadata;
    if (ctx !== undefined) {
      refuseWhatWeWouldFetch(client);
      checkMetadata(client);
      checkScope(client);
      checkMark(client, options.clients);
      const grantor = checkGrantor(client);
      if (ctx.method === 'PUT') checkIntrospects(grantor, options.clients.find(client.client_id));
      checkWayIn(client, grantor);
      checkWorkload(client, grantor, options);
      checkSecrets(client, grantor);
    }
    if (client.grantor?.workload !== undefined && client.token_endpoint_auth_method === 'private_key_jwt')
      client.jwks = { keys: [options.login.publicKey] };
  };
}

/** The issuer connects to nothing that a client names. */
function refuseWhatWeWouldFetch(client: Metadata): void {
  if (client.jwks_uri !== undefined) throw invalid('jwks_uri is not supported; register the keys as jwks');
  if (client.sector_identifier_uri !== undefined) throw invalid('sector_identifier_uri is not supported');
}

function checkMetadata(client: Metadata): void {
  if (client.client_name !== undefined && client.client_name.length > 256) {
    throw invalid('client_name must have at most 256 characters');
  }
  const keys: unknown = client.jwks?.keys;
  if (client.jwks !== undefined && !(Array.isArray(keys) && keys.length > 0 && keys.length <= 8)) {
    throw invalid('jwks must have 1 to 8 keys');
  }
  const byCertificate = client.token_endpoint_auth_method === 'self_signed_tls_client_auth';
  if (byCertificate && !(Array.isArray(keys) && keys.every(hasCertificate))) {
    throw invalid('each key of jwks must have one certificate as x5c');
  }
}

function checkScope(client: Metadata): void {
  const scopes = parseScopeList(client.scope);
  if (!scopes.ok) throw invalid(scopes.error);
}

/** `software_id` is the registrant's own name for the client: one client each, for as long as the client lives. */
function checkMark(client: Metadata, clients: ClientStore): void {
  const mark: unknown = client.software_id;
  if (mark !== undefined && !(typeof mark === 'string' && /^[\x20-\x7e]{1,512}$/.test(mark))) {
    throw invalid('software_id must be 1 to 512 printable ASCII characters');
  }
  const before = clients.find(client.client_id);
  if (before === undefined) return;
  if (before.software_id !== mark) throw invalid('software_id cannot be changed');
  client.client_id_issued_at = before.client_id_issued_at;
}

function checkGrantor(client: Metadata): GrantorRegistration | undefined {
  if (client.grantor === undefined) return undefined;
  const parsed = parseGrantorRegistration(client.grantor);
  if (!parsed.ok) throw invalid(parsed.error);
  client.grantor = parsed.value;
  return parsed.value;
}

/** Who manages a registration may drop what it introspects. To add to that takes the initial access token, as the first one did. */
function checkIntrospects(grantor: GrantorRegistration | undefined, before: StoredClient | undefined): void {
  const allowed = before?.grantor?.introspects ?? [];
  if (grantor?.introspects?.some((audience) => !allowed.includes(audience))) {
    throw invalid('grantor.introspects can only be added to with the initial access token');
  }
}

/**
 * A ServiceAccount token is good in one way for each client: to log in for client credentials, or as what one grant exchanges. In the
 * latter nothing else says who the client is, so it has no other grant.
 */
function checkWayIn(
  { token_endpoint_auth_method: method, grant_types }: Metadata,
  grantor: GrantorRegistration | undefined,
): void {
  const types: readonly unknown[] = Array.isArray(grant_types) ? grant_types : [];
  const exchanges = types.some((type) => Object.hasOwn(workloadGrants, String(type)));
  if (!exchanges && method === 'none')
    throw invalid('token_endpoint_auth_method none is for exchanges of tokens');
  if (exchanges && !(method === 'none' && types.length === 1 && grantor?.workload !== undefined)) {
    throw invalid(
      'a grant type that exchanges tokens needs grantor.workload, token_endpoint_auth_method none and no other grant type',
    );
  }
  if (!exchanges && grantor?.workload !== undefined && method !== 'private_key_jwt')
    throw invalid('grantor.workload needs token_endpoint_auth_method private_key_jwt');
}

/** A workload and a client belong to each other alone: its token would otherwise not say which client asks. */
function checkWorkload(
  client: Metadata,
  grantor: GrantorRegistration | undefined,
  { clients, login }: ClientRulesOptions,
): void {
  const workload = grantor?.workload;
  if (workload === undefined) return;
  if (client.jwks !== undefined) throw invalid('grantor.workload and jwks exclude each other');
  const isTrusted = login.trusts(workload.issuer);
  if (isTrusted === 'unknown') throw new errors.TemporarilyUnavailable(notIdentified);
  if (!isTrusted) {
    const trusted = login.trustedIssuers.join(', ') || 'none';
    throw invalid(
      `grantor.workload.issuer is ${workload.issuer}, not a cluster that this issuer trusts (--trust-cluster, the chart's issuer.serviceAccountIssuer): ${trusted}`,
    );
  }
  const holder = clients.findByWorkload(workload.issuer, workload.subject);
  if (holder !== undefined && holder.client_id !== client.client_id) {
    throw invalid('grantor.workload belongs to another client');
  }
  delete client.token_endpoint_auth_signing_alg;
}

/** Who chose secrets has no other: the one that this issuer made is void from then on. */
function checkSecrets(client: Metadata, grantor: GrantorRegistration | undefined): void {
  if (grantor?.secretDigests === undefined) return;
  if (!client.token_endpoint_auth_method?.startsWith('client_secret_')) {
    throw invalid('grantor.secretDigests needs a token_endpoint_auth_method with a client secret');
  }
  delete client.client_secret;
  delete client.client_secret_expires_at;
}

/** The ceiling that a client was registered with. A client without one gets no tokens: it has no audience. */
export function ceilingOf(client: Client): GrantorRegistration | undefined {
  return client['grantor'] as GrantorRegistration | undefined;
}

const invalid = (description: string): errors.InvalidClientMetadata =>
  new errors.InvalidClientMetadata(description);
