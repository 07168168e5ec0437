import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { ClientCertificate } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { type Clock, deadline } from '../std/clock.ts';
import { formatDuration, seconds } from '../std/duration.ts';
import { orAborted } from '../std/or-aborted.ts';
import { isExcepted, type ProxySettings, proxyOf } from '../std/proxy.ts';
import { readBody } from '../std/read-body.ts';
import { err, ok, type Result } from '../std/result.ts';
import { parseRetryAfter } from '../std/retry-after.ts';
import { disguisedError, failure, failureOf, refusal } from './classify.ts';
import type { IssuerLimits } from './limits.ts';

export interface HttpOptions {
  readonly limits: Pick<IssuerLimits, 'concurrency' | 'timeout'>;
  readonly clock: Clock;
  /** PEM certificates that are trusted instead of the system's. */
  readonly caBundle?: string;
  /** Of the environment. */
  readonly proxy?: ProxySettings;
}

export interface HttpRequest {
  /** For failures: `token request`. */
  readonly what: string;
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `ignored` where the protocol gives the body of a success no meaning (RFC 7009 section 2.2). */
  readonly answer: 'json' | 'ignored';
  /** The most that the answer may have, where that is more than answers have otherwise: a list that its server does not page. */
  readonly longest?: number;
  /** What to show in the TLS handshake. */
  readonly certificate?: ClientCertificate;
  /** Told the status of the answer, whatever becomes of it. */
  readonly answered?: (status: number) => void;
}

/** HTTPS to one issuer over kept-alive connections, with a bound on everything that comes back. */
export interface Http {
  /**
   * Sends one request, once. Fails as `unavailable` for 5xx, `throttled` for 429, `malformed` for redirects, what is too long,
   * compressed or not JSON; any other status is an answer. The body has been read when this returns.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<Result<Response, IssuerFailure>>;
  /** Takes no more requests, and resolves when those under way have ended. */
  close(): Promise<void>;
}

/** No protocol answer of an issuer is this long; tokens are refused far below. */
const longestAnswer = 64 * 1024;
const connectTimeout = seconds(3);
/** Where the server does not say how long it keeps a connection. */
const keepAliveTimeout = seconds(30);

export function createHttp({ limits, clock, caBundle, proxy }: HttpOptions): Http {
  const ways = waysOut(limits.concurrency, caBundle, proxy);

  return {
    async send(request, signal) {
      const { what, url, method, headers, body, answer, longest = longestAnswer, certificate } = request;
      const limit = deadline(clock, limits.timeout, signal);
      // A connection with a certificate is for one request: kept, it could be taken for another client's.
      const own = certificate && waysOut(1, caBundle, proxy, certificate);
      try {
        const target = new URL(url);
        const sent = (own ?? ways).to(target).request({
          origin: target.origin,
          path: target.pathname + target.search,
          method,
          headers: { ...headers, 'user-agent': 'grantor', 'accept-encoding': 'identity' },
          body: body ?? null,
          signal: limit.signal,
        });
        const response = await orAborted(sent, limit.signal);
        request.answered?.(response.statusCode);
        const refused = refuse(response, { what, answer, longest }, clock);
        if (refused) {
          discard(response.body);
          return err(refused);
        }
        const bytes = await readBody(response.body, longest);
        if (bytes === undefined) return err(failure('malformed', what, tooLong(longest)));
        const disguised = response.statusCode < 300 ? disguisedError(bytes, what) : undefined;
        if (disguised) return err(disguised);
        return ok(
          new Response(bytes.length > 0 ? bytes : null, {
            status: response.statusCode,
            headers: kept(response),
          }),
        );
      } catch (error) {
        if (signal.aborted) return err(failure('unavailable', what, 'the call was stopped'));
        if (!limit.signal.aborted) return err(failureOf(error, what));
        return err(
          failure('unavailable', what, `no complete answer within ${formatDuration(limits.timeout)}`),
        );
      } finally {
        limit.dispose();
        void own?.close();
      }
    },
    close: () => ways.close(),
  };
}

/** Connections to an issuer, whose endpoints may be on several hosts: past the proxy or through it. */
function waysOut(
  connections: number,
  ca: string | undefined,
  proxy: ProxySettings | undefined,
  certificate?: ClientCertificate,
) {
  const tls = {
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate && { cert: certificate.certificate, key: certificate.privateKey.reveal() }),
  };
  const options = { connections, connectTimeout, keepAliveTimeout, allowH2: false, connect: tls };
  const direct = new Agent(options);
  const proxied =
    proxy && new ProxyAgent({ ...options, requestTls: tls, uri: proxyOf(proxy.httpsProxy).reveal().href });
  return {
    to: (target: URL): Dispatcher =>
      proxied === undefined || isExcepted(target, proxy?.noProxy) ? direct : proxied,
    async close() {
      await Promise.all([direct.close(), proxied?.close()]);
    },
  };
}

const tooLong = (limit: number): string => `the answer is longer than ${limit / 1024} KiB`;
const jsonType = /^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i;

/** What is wrong with an answer before its body is read. */
function refuse(
  { statusCode, headers }: Dispatcher.ResponseData,
  { what, answer, longest }: Required<Pick<HttpRequest, 'what' | 'answer' | 'longest'>>,
  clock: Clock,
): IssuerFailure | undefined {
  if (statusCode === 429 || statusCode >= 500) {
    const pause = parseRetryAfter(first(headers['retry-after']), first(headers['date']), clock.now());
    return { ...refusal(statusCode, what, {}), ...(pause === undefined ? {} : { retryAfter: pause }) };
  }
  if (statusCode >= 300 && statusCode < 400) {
    return failure('malformed', what, `the issuer answered ${statusCode}; redirects are not followed`);
  }
  if (!['', 'identity'].includes(first(headers['content-encoding']))) {
    return failure('malformed', what, 'the answer is compressed, which was not asked for');
  }
  const length = first(headers['content-length']);
  if (Number(length) > longest) return failure('malformed', what, tooLong(longest));
  // What has no body has no type either.
  const typed = answer === 'ignored' || statusCode === 204 || length === '0' || statusCode >= 400;
  if (typed || jsonType.test(first(headers['content-type']))) return undefined;
  return failure('malformed', what, `the answer to a successful request is not JSON`);
}

const first = (header: string | string[] | undefined): string =>
  (Array.isArray(header) ? header[0] : header) ?? '';

/** The headers that anyone reads later. */
function kept({ headers }: Dispatcher.ResponseData): Headers {
  const result = new Headers();
  for (const name of ['content-type', 'link', 'www-authenticate', 'dpop-nonce']) {
    for (const value of [headers[name] ?? []].flat()) result.append(name, value);
  }
  return result;
}

/** Drops the connection rather than reading on: what was refused may be endless. */
function discard(body: Readable): void {
  body.on('error', () => {}).destroy();
}
