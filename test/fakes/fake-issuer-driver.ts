import { type Capability, capabilities } from '../../src/domain/capability.ts';
import type { DesiredClient, Workload } from '../../src/domain/desired-client.ts';
import type { Registration } from '../../src/domain/registration-record.ts';
import { chosenClientID, isOwn } from '../../src/issuers/client-id.ts';
import type {
  CallContext,
  ClientAuthentication,
  ClientPage,
  Comparison,
  IssuedToken,
  IssuerDriver,
  TokenGrant,
} from '../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../src/ports/issuer-failure.ts';
import type { RegisteredClient } from '../../src/ports/registered-client.ts';
import { canonicalJson, type Json } from '../../src/std/canonical-json.ts';
import type { Clock } from '../../src/std/clock.ts';
import { sha256 } from '../../src/std/digest.ts';
import { milliseconds, toSeconds } from '../../src/std/duration.ts';
import { err, ok, type Result } from '../../src/std/result.ts';
import type { Rng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';

export type Operation = Exclude<keyof IssuerDriver, 'close'>;

/** A client as the fake keeps it. */
export interface FakeClient {
  readonly clientID: string;
  readonly desired: DesiredClient;
  readonly registrationAccessToken: string;
  /** The newest first. */
  readonly clientSecrets: readonly string[];
}

export interface FakeIssuerDriverOptions {
  readonly issuer: string;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** An issuer in memory, with the embedded issuer's rules: it passes the same contract. What it knows is open to look at. */
export class FakeIssuerDriver implements IssuerDriver {
  /** What `discover` answers; a test may take something out. */
  readonly capabilities = new Set<Capability>(
    capabilities.filter((one) => !['ManageByMark', 'Adopt', 'HoldKeys'].includes(one)),
  );
  readonly clients = new Map<string, FakeClient>();
  /** Whether each answer about a registration brings a new registration access token, as RFC 7592 section 3 lets it. */
  replacesAccessTokens = true;
  /** How many clients a page of the list holds. */
  pageSize = 2;
  /** Every token ever issued, with its claims. */
  readonly issued: IssuedToken[] = [];
  readonly revoked = new Set<string>();
  /** Keys of the cluster that were let go, in order. */
  readonly formerKeys: string[] = [];
  /** Every call, refused ones included, in order. */
  readonly calls: Array<{
    readonly operation: Operation;
    readonly clientID?: string;
    readonly call: CallContext;
  }> = [];
  /** Changes the claims and the answer of each token from now on, for issuers that give more or less than was asked. */
  alterToken: (token: IssuedToken) => IssuedToken = (token) => token;
  readonly #options: FakeIssuerDriverOptions;
  readonly #failures = new Map<Operation, { readonly failure: IssuerFailure; times: number }>();
  #closed = false;

  constructor(options: FakeIssuerDriverOptions) {
    this.#options = options;
  }

  /** Lets the next `times` calls of an operation fail, `Infinity` for all until `recover`. They change nothing. */
  fail(operation: Operation, failure: IssuerFailure, times = 1): void {
    this.#failures.set(operation, { failure, times });
  }

  /** A client that somebody else registered: it bears no mark. */
  registerByOtherMeans(clientID: string, desired: DesiredClient): void {
    const clientSecrets = [`secret-${this.#options.rng.uuid()}`];
    const registrationAccessToken = '';
    this.clients.set(clientID, {
      clientID,
      desired: { ...desired, mark: '' },
      registrationAccessToken,
      clientSecrets,
    });
  }

  recover(): void {
    this.#failures.clear();
  }

  /** What introspection would say of a token: that it is not over, neither by itself nor with its client. */
  isActive({ token, claims }: IssuedToken): boolean {
    const { exp, client_id: clientID } = claims;
    const lives = Number(exp) * 1000 > this.#options.clock.now();
    return lives && this.clients.has(clientID as string) && !this.revoked.has(token.reveal());
  }

  async discover(call: CallContext): Promise<Result<ReadonlySet<Capability>, IssuerFailure>> {
    return this.#admit('discover', call) ?? ok(new Set(this.capabilities));
  }

  async register(client: DesiredClient, call: CallContext): Promise<Result<RegisteredClient, IssuerFailure>> {
    const stopped = this.#admit('register', call);
    if (stopped) return stopped;
    if (this.#managesByMark) return this.#registerByMark(client);
    if (client.adopts !== undefined) return refuse('rejected', 'invalid_client_metadata');
    const known = this.capabilities.has('IdempotentRegister') ? this.#byMark(client.mark) : undefined;
    const refusal = this.#conflict(client, known?.clientID);
    return refusal ?? ok(this.#store(client, known?.clientID ?? this.#options.rng.uuid()));
  }

  async update(
    registration: Registration,
    client: DesiredClient,
    call: CallContext,
  ): Promise<Result<RegisteredClient, IssuerFailure>> {
    const refusal =
      this.#admit('update', call, registration.clientID) ?? this.#manage(registration, client.mark);
    if (refusal) return refusal;
    return this.#conflict(client, registration.clientID) ?? ok(this.#store(client, registration.clientID));
  }

  async compare(
    registration: Registration,
    client: DesiredClient,
    call: CallContext,
  ): Promise<Result<Comparison, IssuerFailure>> {
    const refusal =
      this.#admit('compare', call, registration.clientID) ?? this.#manage(registration, client.mark);
    if (refusal) return refusal;
    const held = this.clients.get(registration.clientID)?.desired;
    const members = Object.keys(client) as (keyof DesiredClient)[];
    const differs = (member: keyof DesiredClient) =>
      canonicalJson(inOrder(client[member] as Json)) !== canonicalJson(inOrder(held?.[member] as Json));
    return ok({ differences: members.filter(differs) });
  }

  async list(page: string | undefined, call: CallContext): Promise<Result<ClientPage, IssuerFailure>> {
    const refusal = this.#admit('list', call);
    if (refusal) return refusal;
    const marked = [...this.clients.values()].filter(({ desired }) => desired.mark !== '');
    const all = marked.map((client) => ({
      mark: client.desired.mark,
      registration: this.#registrationOf(client),
    }));
    const from = Number(page ?? 0);
    const next = from + this.pageSize;
    return ok({ clients: all.slice(from, next), ...(next < all.length ? { next: String(next) } : {}) });
  }

  async deregister(
    registration: Registration,
    mark: string,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>> {
    const refusal = this.#admit('deregister', call, registration.clientID);
    if (refusal) return refusal;
    const forbidden = this.#manage(registration, mark);
    // What is gone, or somebody else's, is as good as deleted.
    if (forbidden) return this.#managesByMark ? ok(undefined) : forbidden;
    this.clients.delete(registration.clientID);
    return ok(undefined);
  }

  async revokeAll(
    registration: Registration,
    mark: string,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>> {
    const refusal = this.#admit('revokeAll', call, registration.clientID) ?? this.#manage(registration, mark);
    if (refusal) return refusal;
    for (const { token, claims } of this.issued)
      if (claims['client_id'] === registration.clientID) this.revoked.add(token.reveal());
    return ok(undefined);
  }

  async trustKeys(former: readonly string[], call: CallContext): Promise<Result<void, IssuerFailure>> {
    const refusal = this.#admit('trustKeys', call);
    if (refusal) return refusal;
    this.formerKeys.push(...former);
    return ok(undefined);
  }

  async requestToken(grant: TokenGrant, call: CallContext): Promise<Result<IssuedToken, IssuerFailure>> {
    const refusal = this.#admit('requestToken', call, grant.clientID);
    if (refusal) return refusal;
    const client = this.#login(grant.clientID, grant.authentication);
    if (!client) return refuse('unauthorized', 'invalid_client');
    const { scopes, audiences } = client.desired;
    if (!audiences.includes(grant.audience)) return refuse('rejected', 'invalid_target');
    if (grant.scopes.some((scope) => !scopes.includes(scope))) return refuse('rejected', 'invalid_scope');
    // As the embedded issuer words it.
    if (client.desired.proofOfPossession === 'DPoP' && grant.tokenKey === undefined)
      return refuse('rejected', 'invalid_grant');
    const token = this.alterToken(this.#token(client, grant));
    this.issued.push(token);
    return ok(token);
  }

  async revoke(
    token: Secret,
    { clientID, authentication }: Pick<TokenGrant, 'clientID' | 'authentication'>,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>> {
    const refusal = this.#admit('revoke', call, clientID);
    if (refusal) return refusal;
    if (!this.#login(clientID, authentication)) return refuse('unauthorized', 'invalid_client');
    this.revoked.add(token.reveal());
    return ok(undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Notes the call and says what stops it before the issuer looks at it. */
  #admit(operation: Operation, call: CallContext, clientID?: string) {
    this.calls.push({ operation, call, ...(clientID === undefined ? {} : { clientID }) });
    if (this.#closed || call.signal.aborted)
      return err<IssuerFailure>({ kind: 'unavailable', detail: 'the call was stopped' });
    const planned = this.#failures.get(operation);
    if (planned === undefined || planned.times <= 0) return undefined;
    planned.times -= 1;
    return err(planned.failure);
  }

  get #managesByMark(): boolean {
    return this.capabilities.has('ManageByMark');
  }

  /** The id is not free for anybody else's client, and one that is to be adopted has to be there. */
  #registerByMark(client: DesiredClient): Result<RegisteredClient, IssuerFailure> {
    const { adopts } = client;
    const clientID = adopts ?? chosenClientID(client.mark);
    const found = this.clients.get(clientID)?.desired;
    const isFree = found === undefined ? adopts === undefined : adopts !== undefined && found.mark === '';
    if (!isFree && !(found && isOwn(found, client))) return refuse('rejected', 'invalid_client_metadata');
    return this.#conflict(client, clientID) ?? ok(this.#store(client, clientID));
  }

  /** Whoever is here is Grantor where clients are managed by their marks; elsewhere the client's own token says so. */
  #manage({ clientID, registrationAccessToken }: Registration, mark: string) {
    if (this.#managesByMark)
      return this.clients.get(clientID)?.desired.mark === mark ? undefined : refuse('notFound', 'not_found');
    const known = this.clients.get(clientID)?.registrationAccessToken;
    const accepted = known !== undefined && known === registrationAccessToken?.reveal();
    return accepted ? undefined : refuse('unauthorized', 'invalid_token');
  }

  /** A workload belongs to one client. */
  #conflict({ authentication }: DesiredClient, clientID: string | undefined) {
    if (authentication.method !== 'Federated') return undefined;
    const holder = this.#byWorkload(authentication.workload);
    return holder && holder.clientID !== clientID ? refuse('rejected', 'invalid_client_metadata') : undefined;
  }

  /** Keeps the client with a new registration access token; a secret that was not chosen for it stays what it was. */
  #store(desired: DesiredClient, clientID: string): RegisteredClient {
    const { rng } = this.#options;
    const clientSecrets = this.#secretsOf(desired, clientID);
    const chosen = desired.authentication.method === 'Secret' && desired.authentication.secrets.length > 0;
    const [clientSecret] = chosen ? [] : clientSecrets;
    const known = this.replacesAccessTokens ? undefined : this.clients.get(clientID);
    const registrationAccessToken = known?.registrationAccessToken ?? `rat-${rng.uuid()}`;
    const client = { clientID, desired, registrationAccessToken, clientSecrets };
    this.clients.set(clientID, client);
    return {
      ...this.#registrationOf(client),
      ...(clientSecret === undefined ? {} : { clientSecret: new Secret(clientSecret) }),
    };
  }

  #registrationOf({ clientID, registrationAccessToken }: FakeClient): Registration {
    if (this.#managesByMark) return { clientID };
    return {
      clientID,
      registrationClientURI: `${this.#options.issuer}/register/${clientID}`,
      registrationAccessToken: new Secret(registrationAccessToken),
    };
  }

  #secretsOf({ authentication }: DesiredClient, clientID: string): readonly string[] {
    if (authentication.method !== 'Secret') return [];
    if (authentication.secrets.length > 0) return authentication.secrets.map(({ value }) => value.reveal());
    const known = this.clients.get(clientID)?.clientSecrets ?? [];
    return known.length > 0 ? known : [`secret-${this.#options.rng.uuid()}`];
  }

  #login(clientID: string, authentication: ClientAuthentication): FakeClient | undefined {
    const client = this.clients.get(clientID);
    return client && proves(authentication, client) ? client : undefined;
  }

  #byMark = (mark: string): FakeClient | undefined =>
    [...this.clients.values()].find(({ desired }) => desired.mark === mark);

  #byWorkload = ({ issuer, subject }: Workload): FakeClient | undefined =>
    [...this.clients.values()].find(({ desired: { authentication } }) => {
      if (authentication.method !== 'Federated') return false;
      return authentication.workload.issuer === issuer && authentication.workload.subject === subject;
    });

  #token({ clientID, desired }: FakeClient, grant: TokenGrant): IssuedToken {
    const { issuer, clock, rng } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const lifetime = toSeconds(desired.accessTokenLifetime);
    const scope = grant.scopes.join(' ');
    const claims = {
      iss: issuer,
      sub: clientID,
      client_id: clientID,
      aud: grant.audience,
      iat: now,
      exp: now + lifetime,
      jti: rng.uuid(),
      ...(scope === '' ? {} : { scope }),
      tenant_id: desired.tenantID,
      roles: desired.roles,
      ...(grant.tokenKey && { cnf: { jkt: thumbprintOf(grant.tokenKey) } }),
    };
    return {
      token: new Secret(fakeJWT(claims)),
      tokenType: grant.tokenKey ? 'DPoP' : 'Bearer',
      claims,
      expiresIn: milliseconds(lifetime * 1000),
      ...(scope === '' ? {} : { scope }),
    };
  }
}

/** A ServiceAccount token as the fake accepts it: it has the form of a real one, and a signature that nobody made. */
export const aServiceAccountToken = (
  { issuer, subject, uid }: Workload,
  claims: { readonly [claim: string]: Json } = {},
): Secret =>
  new Secret(fakeJWT({ iss: issuer, sub: subject, 'kubernetes.io': { serviceaccount: { uid } }, ...claims }));

/** RFC 7638. */
function thumbprintOf(key: NonNullable<TokenGrant['tokenKey']>): string {
  const { kty = '', crv = '', x = '', y = '' } = key.reveal();
  return sha256(canonicalJson({ kty, crv, x, y }));
}

const inOrder = (value: Json | undefined): Json =>
  Array.isArray(value) ? value.map((item) => canonicalJson(item as Json)).sort() : (value as Json);

const base64url = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const fakeJWT = (claims: Json): string =>
  `${base64url({ alg: 'ES256' })}.${base64url(claims)}.${base64url('signature')}`;

function proves(authentication: ClientAuthentication, { desired, clientSecrets }: FakeClient): boolean {
  const registered = desired.authentication;
  switch (authentication.method) {
    case 'Secret':
      return clientSecrets.includes(authentication.clientSecret.reveal());
    case 'PrivateKey': {
      const { x, y } = authentication.privateKey.reveal();
      return (
        registered.method === 'PrivateKey' &&
        registered.publicKeys.some((key) => key['x'] === x && key['y'] === y)
      );
    }
    case 'MutualTLS': {
      const shown = authentication.certificate.certificate.replaceAll(/-----[^-]+-----|\s/g, '');
      return (
        registered.method === 'MutualTLS' &&
        registered.publicKeys.some((key) => Array.isArray(key['x5c']) && key['x5c'].includes(shown))
      );
    }
    case 'Federated':
      return (
        registered.method === 'Federated' &&
        registered.by === authentication.by &&
        isTokenOf(registered.workload, authentication.assertion.reveal())
      );
  }
}

function isTokenOf({ issuer, subject, uid }: Workload, token: string): boolean {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as {
    readonly iss?: string;
    readonly sub?: string;
    readonly 'kubernetes.io'?: { readonly serviceaccount?: { readonly uid?: string } };
  };
  return (
    claims.iss === issuer && claims.sub === subject && claims['kubernetes.io']?.serviceaccount?.uid === uid
  );
}

const refuse = (kind: IssuerFailure['kind'], oauthError: string) =>
  err<IssuerFailure>({ kind, oauthError, detail: `the issuer answered ${oauthError}` });
