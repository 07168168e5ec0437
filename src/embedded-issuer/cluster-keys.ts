import { readFile } from 'node:fs/promises';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { Agent } from 'undici';
import type { Clock } from '../std/clock.ts';
import { hours } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { isStringOrURI } from '../std/string-or-uri.ts';
import type { IssuerLog } from './issuer-log.ts';

/** A Kubernetes cluster whose ServiceAccount tokens are accepted. */
export interface TrustedCluster {
  /** `iss` of the cluster's ServiceAccount tokens. Compared, never connected to. Left out, it is what the cluster says. */
  readonly issuer?: string;
  /** Where the cluster's discovery document is, as this process reaches it. */
  readonly discovery: URL;
  /** The CA of that address, PEM. */
  readonly ca: string;
  /** Holds a bearer token for clusters that show their keys only to those they know. Read at each fetch. */
  readonly tokenFile?: string;
}

const limits = {
  connect: 3_000,
  total: 5_000,
  bytes: 256 * 1024,
  /** An unknown `kid` causes a fetch, but not more often than this. */
  cooldown: 10_000,
  /** Keys are fetched again after this, so that a withdrawn one is not accepted for ever. */
  maxAge: 600_000,
} as const;

/** For how long known keys serve while the cluster does not answer: its workloads live on without it, too. */
const longestOutage = hours(1);

/** The public keys that a cluster signs ServiceAccount tokens with, fetched when needed. */
export class ClusterKeys {
  readonly get: JWTVerifyGetKey;
  readonly #cluster: TrustedCluster;
  #issuer: string | undefined;
  readonly #clock: Clock;
  readonly #log: IssuerLog;
  readonly #agent: Agent;
  #known: { readonly keys: string; readonly since: Instant } | undefined;

  constructor(cluster: TrustedCluster, { clock, log }: { readonly clock: Clock; readonly log: IssuerLog }) {
    this.#cluster = cluster;
    this.#issuer = cluster.issuer;
    this.#clock = clock;
    this.#log = log;
    this.#agent = new Agent({
      connect: { ca: cluster.ca, timeout: limits.connect },
      maxResponseSize: limits.bytes,
      connections: 1,
    });
    this.get = createRemoteJWKSet(cluster.discovery, {
      [customFetch]: async (_url, { signal }) => new Response(await this.read(signal)),
      timeoutDuration: limits.total,
      cooldownDuration: limits.cooldown,
      cacheMaxAge: limits.maxAge,
    });
  }

  /** `iss` of the cluster's tokens; undefined until the cluster has said so. From then on it stays the same. */
  get issuer(): string | undefined {
    return this.#issuer;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** The key set as the cluster answers it, or as it last answered if that was not long ago. */
  async read(signal: AbortSignal): Promise<string> {
    try {
      const keys = await this.#fetch(signal);
      this.#known = { keys, since: this.#clock.now() };
      return keys;
    } catch (error) {
      if (this.#known === undefined || this.#clock.now() > plus(this.#known.since, longestOutage))
        throw error;
      const error_detail = error instanceof Error ? error.message : 'unknown error';
      this.#log.warn({ event: 'keys.stale', cluster: this.#issuer, error_detail }, 'using known keys');
      return this.#known.keys;
    }
  }

  /** Discovery, then the keys. jose takes both for one answer of one address. */
  async #fetch(signal: AbortSignal): Promise<string> {
    const { jwks_uri } = await this.identify(signal);
    return this.#get(keysAddress(this.#cluster.discovery, jwks_uri), signal);
  }

  /** Reads the cluster's discovery document. Throws where that is not of the issuer that it was, or is to be. */
  async identify(signal: AbortSignal): Promise<{ readonly jwks_uri?: unknown }> {
    const { discovery } = this.#cluster;
    const document: { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null = JSON.parse(
      await this.#get(discovery, signal),
    );
    const said = document?.issuer;
    if (typeof said !== 'string' || !isStringOrURI(said))
      throw new Error(`${discovery.href} does not say who signs the tokens of the cluster`);
    if (said !== (this.#issuer ?? said))
      throw new Error(
        `the tokens of the cluster are of ${said}, as ${discovery.href} says, and not of ${this.#issuer}`,
      );
    this.#issuer = said;
    return document ?? {};
  }

  async #get(url: URL, signal: AbortSignal): Promise<string> {
    const { tokenFile } = this.#cluster;
    const authorization = tokenFile === undefined ? {} : await bearer(tokenFile);
    const { statusCode, body } = await this.#agent.request({
      method: 'GET',
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      headers: { accept: 'application/jwk-set+json, application/json', ...authorization },
      signal,
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url.href} answered with status ${statusCode}`);
    return text;
  }
}

/**
 * Where the keys are: the path of `jwks_uri` at the address that the discovery document came from. An API server names itself
 * there as it sees itself, which need not be reachable from here; and neither the bearer token nor the trust in `ca` may go
 * to a host that a document names.
 */
export function keysAddress(discovery: URL, jwksURI: unknown): URL {
  if (typeof jwksURI !== 'string' || !URL.canParse(jwksURI)) {
    throw new Error(`${discovery.href} names no jwks_uri`);
  }
  const address = new URL(discovery.origin);
  address.pathname = new URL(jwksURI).pathname;
  return address;
}

async function bearer(tokenFile: string): Promise<{ readonly authorization: string }> {
  return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
}
