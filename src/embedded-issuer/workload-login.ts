import { importJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../std/clock.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Rng } from '../std/rng.ts';
import { Secret } from '../std/secret.ts';
import { awaitCluster } from './await-cluster.ts';
import type { ClientStore, StoredClient } from './client-store.ts';
import { ClusterKeys, type TrustedCluster } from './cluster-keys.ts';
import { epochSeconds } from './epoch-seconds.ts';
import type { IssuerLog } from './issuer-log.ts';
import { newSigningKey, publicJWK, signingAlgorithm } from './signing-keys.ts';
import { claimedIssuer, type LoginRefusal, podUIDIn, verifyWorkloadToken } from './workload-token.ts';

export interface WorkloadLoginOptions {
  readonly issuer: string;
  readonly clusters: readonly TrustedCluster[];
  readonly clients: ClientStore;
  readonly clock: Clock;
  readonly log: IssuerLog;
  readonly rng: Rng;
}

/** How long the assertion that stands in for a ServiceAccount token lives, in seconds: it is used at once. */
const standInLifetime = 30;

/**
 * Lets Kubernetes workloads log in with their ServiceAccount tokens.
 *
 * oidc-provider takes a client assertion only if `iss` and `sub` are the client's id, which a ServiceAccount token's are not. So
 * the token is verified here, and a one-time assertion takes its place, signed with a key that workloads' clients are given as
 * their only key. The key lives and dies with the process and is written nowhere.
 */
export class WorkloadLogin {
  /** What the clients of workloads are registered with. */
  readonly publicKey: JWK;
  readonly #options: WorkloadLoginOptions;
  readonly #privateKey: Secret<Awaited<ReturnType<typeof importJWK>>>;
  readonly #clusters: readonly ClusterKeys[];
  readonly #waits: readonly (() => void)[];

  static async create(options: WorkloadLoginOptions): Promise<WorkloadLogin> {
    const jwk = await newSigningKey();
    return new WorkloadLogin(options, publicJWK(jwk), new Secret(await importJWK(jwk)));
  }

  private constructor(
    options: WorkloadLoginOptions,
    publicKey: JWK,
    privateKey: Secret<Awaited<ReturnType<typeof importJWK>>>,
  ) {
    this.#options = options;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
    this.#clusters = options.clusters.map((cluster) => new ClusterKeys(cluster, options));
    this.#waits = this.#clusters.map((keys) => awaitCluster(keys, options));
  }

  /** Whether any workload can be a client here. */
  get trustsClusters(): boolean {
    return this.#clusters.length > 0;
  }

  /** Whether tokens of this `iss` are accepted; `unknown` while a cluster has not said yet what its `iss` is. */
  trusts(issuer: string): boolean | 'unknown' {
    if (this.#keysOf(issuer) !== undefined) return true;
    return this.#clusters.some((keys) => keys.issuer === undefined) ? 'unknown' : false;
  }

  /** `iss` of the clusters whose tokens are accepted. */
  get trustedIssuers(): readonly string[] {
    return this.#clusters.map(({ issuer }) => issuer).filter((issuer) => issuer !== undefined);
  }

  /** Whether a client assertion says that it comes from a cluster that is trusted here, or may be. */
  concerns(assertion: Secret): boolean {
    const issuer = claimedIssuer(assertion);
    if (issuer === undefined || this.trusts(issuer) === false) return false;
    // What a client signs itself says that it is of that client.
    return this.trusts(issuer) === true || this.#options.clients.find(issuer) === undefined;
  }

  /** The assertion to go on with, for a client that logs in with its workload's token. */
  async standIn(token: Secret): Promise<Result<Secret, LoginRefusal>> {
    const client = await this.clientOf(token);
    if (!client.ok) return client;
    const { client_id, token_endpoint_auth_method } = client.value;
    return token_endpoint_auth_method === 'private_key_jwt'
      ? ok(await this.#sign(client_id, podUIDIn(token)))
      : rejected('the client is not registered to show its token as client assertion');
  }

  /** The client that is registered for the workload of a token, in whichever way that is to be shown. */
  async clientOf(token: Secret): Promise<Result<StoredClient, LoginRefusal>> {
    const { clients, clock, issuer: audience } = this.#options;
    const issuer = claimedIssuer(token) ?? '';
    const keys = this.#keysOf(issuer);
    if (keys === undefined)
      return this.trusts(issuer) === 'unknown'
        ? err({ kind: 'unavailable', detail: notIdentified })
        : rejected('the cluster is not trusted here');
    const verified = await verifyWorkloadToken(token, { issuer, audience, keys, now: clock.now() });
    if (!verified.ok) return verified;
    const { subject, uid } = verified.value;
    const client = clients.findByWorkload(issuer, subject);
    if (client === undefined) return rejected(`no client is registered for ${subject}`);
    if (client.grantor?.workload?.uid !== uid) {
      return rejected(`the client is registered for an earlier ${subject}, with another UID`);
    }
    return ok(client);
  }

  async close(): Promise<void> {
    for (const stop of this.#waits) stop();
    await Promise.all(this.#clusters.map((keys) => keys.close()));
  }

  readonly #keysOf = (issuer: string): ClusterKeys | undefined =>
    this.#clusters.find((keys) => keys.issuer === issuer);

  /** It says of which pod the token was that it stands in for, for the audit. */
  async #sign(clientID: string, podUID: string | undefined): Promise<Secret> {
    const { issuer, clock, rng } = this.#options;
    const now = epochSeconds(clock);
    const jwt = new SignJWT(podUID === undefined ? {} : { 'kubernetes.io': { pod: { uid: podUID } } })
      .setProtectedHeader({ alg: signingAlgorithm })
      .setIssuer(clientID)
      .setSubject(clientID)
      .setAudience(issuer)
      .setJti(rng.uuid())
      .setIssuedAt(now)
      .setExpirationTime(now + standInLifetime);
    return new Secret(await jwt.sign(this.#privateKey.reveal()));
  }
}

/** What is told while a cluster cannot be asked. */
export const notIdentified = 'the cluster has not said yet who signs its tokens';

const rejected = (detail: string) => err<LoginRefusal>({ kind: 'rejected', detail });
