import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Clock } from '../std/clock.ts';
import { type Duration, minutes, seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { failure, failureOf } from './classify.ts';
import { checkMetadata, isNamed, wellKnownURLs } from './endpoints.ts';
import type { Fetch } from './issuer-fetch.ts';

/** What an issuer says of itself, and its signing keys, which are fetched when first needed. */
export interface Metadata {
  readonly server: oauth.AuthorizationServer;
  readonly keys: jose.JWTVerifyGetKey | undefined;
}

/** An issuer's metadata, read at most once per `freshFor` and by one request at a time. */
export interface MetadataCache {
  /** What is known, read afresh when it is old. Old metadata outlives an issuer that is away, not one that says something else. */
  current(signal: AbortSignal): Promise<Result<Metadata, IssuerFailure>>;
  /** Reads it now. */
  refresh(signal: AbortSignal): Promise<Result<Metadata, IssuerFailure>>;
  /** Whether a request to this URL is one that the issuer asked for. */
  permits(url: string): boolean;
}

export interface MetadataOptions {
  readonly issuer: string;
  readonly clock: Clock;
  readonly fetchMetadata: Fetch;
  readonly fetchKeys: Fetch;
}

const freshFor = minutes(10);
const retryAfterFailure = seconds(30);
/**
 * A token with an unknown `kid` makes us read the keys again, but no more often than this. It is less than what a token that could not be
 * verified is first waited for: of keys that an issuer makes when it needs them, the next token is known.
 */
const keysCooldown = seconds(10);
const keysFreshFor = minutes(10);

export function createMetadataCache({
  issuer,
  clock,
  fetchMetadata,
  fetchKeys,
}: MetadataOptions): MetadataCache {
  const urls = wellKnownURLs(issuer);
  let known: Metadata | undefined;
  let freshUntil: Instant | undefined;
  let flight: Promise<Result<Metadata, IssuerFailure>> | undefined;

  async function read(): Promise<Result<Metadata, IssuerFailure>> {
    const answer = await discover(issuer, fetchMetadata);
    freshUntil = plus(clock.now(), answer.ok ? freshFor : retryAfterFailure);
    if (!answer.ok) {
      if (!isPassing(answer.error)) known = undefined;
      return answer;
    }
    const server = answer.value;
    // The same keys under the same URL: a refresh must not throw away what jose has cached.
    const keys = known?.server.jwks_uri === server.jwks_uri ? known?.keys : keysOf(server, fetchKeys);
    known = { server, keys };
    return ok(known);
  }

  /** Joins the flight under way. It belongs to nobody, so one caller's abort does not end it for the others. */
  async function refresh(signal: AbortSignal): Promise<Result<Metadata, IssuerFailure>> {
    flight ??= read().finally(() => {
      flight = undefined;
    });
    return orStopped(flight, signal);
  }

  return {
    refresh,
    async current(signal) {
      if (known !== undefined && freshUntil !== undefined && isFresh(clock.now(), freshUntil, freshFor))
        return ok(known);
      const answer = await refresh(signal);
      return !answer.ok && known !== undefined && isPassing(answer.error) ? ok(known) : answer;
    },
    permits: (url) =>
      Object.values(urls).includes(url) || (known !== undefined && isNamed(known.server, url)),
  };
}

/** Also after the clock was set back: nothing is fresh for longer than `span`. */
const isFresh = (now: Instant, until: Instant, span: Duration): boolean =>
  now < until && plus(now, span) >= until;
const isPassing = ({ kind }: IssuerFailure): boolean => kind === 'unavailable' || kind === 'throttled';

/**
 * Asks at both well-known places, RFC 8414's first. Servers without it answer anything from 404 to a web page, so every answer
 * but a good one leads on to the second; an issuer that can't be reached is not asked twice.
 */
async function discover(
  issuer: string,
  fetch: Fetch,
): Promise<Result<oauth.AuthorizationServer, IssuerFailure>> {
  const first = await discoverAs('oauth2', issuer, fetch);
  if (first.ok || isPassing(first.error)) return first;
  const second = await discoverAs('oidc', issuer, fetch);
  if (second.ok || second.error.kind !== 'notFound') return second;
  return first.error.kind === 'notFound' ? err({ ...first.error, kind: 'malformed' }) : first;
}

async function discoverAs(
  algorithm: 'oauth2' | 'oidc',
  issuer: string,
  fetch: Fetch,
): Promise<Result<oauth.AuthorizationServer, IssuerFailure>> {
  try {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, { algorithm, [oauth.customFetch]: fetch });
    if (response.status === 404) {
      return err(failure('notFound', 'discovery', 'there is no metadata at either of the well-known places'));
    }
    const checked = checkMetadata(issuer, await oauth.processDiscoveryResponse(url, response));
    return checked.ok ? checked : err(failure('malformed', 'discovery', checked.error));
  } catch (error) {
    return err(failureOf(error, 'discovery'));
  }
}

function keysOf(
  { jwks_uri: uri }: oauth.AuthorizationServer,
  fetch: Fetch,
): jose.JWTVerifyGetKey | undefined {
  if (uri === undefined) return undefined;
  return jose.createRemoteJWKSet(new URL(uri), {
    cooldownDuration: keysCooldown,
    cacheMaxAge: keysFreshFor,
    [jose.customFetch]: (url, init) => fetch(url, init),
  });
}

/** The flight's outcome, or a failure as soon as this caller stops. */
function orStopped<T>(
  flight: Promise<Result<T, IssuerFailure>>,
  signal: AbortSignal,
): Promise<Result<T, IssuerFailure>> {
  const { promise, resolve, reject } = Promise.withResolvers<Result<T, IssuerFailure>>();
  const stop = (): void => resolve(err(failure('unavailable', 'discovery', 'the call was stopped')));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  void flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  return promise;
}
