import type { Dispatcher } from 'undici';
import { type Clock, deadline } from '../std/clock.ts';
import { type Duration, formatDuration, seconds } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import { orAborted } from '../std/or-aborted.ts';
import { readBody } from '../std/read-body.ts';
import { err, ok, type Result } from '../std/result.ts';
import { parseRetryAfter } from '../std/retry-after.ts';
import type { Secret } from '../std/secret.ts';
import { isCertificateTrouble } from './certificate-trouble.ts';
import type { Access, ClusterConfig } from './cluster-config.ts';
import { type Connections, createConnections } from './connections.ts';
import { describeCause } from './describe-cause.ts';
import { failureFromAnswer, type KubeFailure } from './kube-failure.ts';
import { parseJson } from './parse-json.ts';

/** One request, as the client words it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute and encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** JSON unless said otherwise. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, waiting for a connection included; 10 s unless said otherwise. */
  readonly timeout?: Duration | undefined;
  /** More of them: who else is to know which work it is part of. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told the status of the answer, whatever becomes of it. */
  readonly answered?: (status: number) => void;
}

/**
 * HTTP to one API server: connections, credentials, limits. Every failure is data; nothing is thrown. Nothing is tried again here
 * but what was refused for its credentials: whoever calls knows whether it is still wanted, has a back-off, and sends a write that
 * may have been done only with a precondition.
 */
export interface Transport {
  /** The JSON of a 2xx answer. */
  call(call: Call): Promise<Result<unknown, KubeFailure>>;
  /** The body of a 2xx answer as it comes, for watches: `timeout` covers only the time until it begins. */
  open(call: Call): Promise<Result<AsyncIterable<Uint8Array>, KubeFailure>>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  /** `grantor/<version>`. */
  readonly userAgent: string;
  readonly proxy?: Secret<URL>;
}

const defaultTimeout = seconds(10);

/** A page of 500 objects fits many times; a body without end doesn't. */
const longestBody = 64 * 1024 * 1024;
const longestErrorBody = 64 * 1024;

export function createTransport({ config, clock, userAgent, proxy }: TransportOptions): Transport {
  const connections = createConnections(proxy);
  const way = proxy === undefined ? '' : ` (through the proxy ${proxy.reveal().host})`;

  const send = async (
    call: Call,
    pool: keyof Connections,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const once = (access: Access): Promise<Dispatcher.ResponseData> =>
      connections.for(access)[pool].request({
        origin: config.server.origin,
        path: pathOf(config.server, call),
        method: call.method,
        signal,
        headers: headersOf(call, access, userAgent),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
    const access = await config.access.access();
    const sent = once(access);
    if (!(await isRefused(sent))) return sent;
    // Token, certificate or CA may have been replaced a moment ago.
    const renewed = await config.access.renew();
    if (renewed === access) return sent;
    await discard(sent);
    return once(renewed);
  };

  /** Runs one exchange under `signal`; whatever goes wrong becomes a failure that says which call it was. */
  const exchange = async <T>(
    call: Call,
    signal: AbortSignal,
    run: () => Promise<Result<T, KubeFailure>>,
  ): Promise<Result<T, KubeFailure>> => {
    try {
      return await orAborted(run(), signal);
    } catch (cause) {
      const why = !signal.aborted
        ? describeCause(cause) + way
        : call.signal?.aborted
          ? 'given up, since the caller stopped waiting'
          : `no answer within ${formatDuration(call.timeout ?? defaultTimeout)}`;
      return err({ kind: 'unavailable', message: `${nameOf(call)}: ${why}` });
    }
  };

  return {
    async call(call) {
      const limit = deadline(clock, call.timeout ?? defaultTimeout, call.signal);
      try {
        return await exchange(call, limit.signal, async () => {
          const response = await send(call, 'calls', limit.signal);
          call.answered?.(response.statusCode);
          if (!isSuccess(response)) return err(await refusal(call, response, clock.now()));
          const bytes = await readBody(response.body, longestBody);
          if (bytes === undefined) return err(senseless(call, 'tooLarge', 'is too long'));
          const body = parseJson(bytes.toString());
          return body === undefined ? err(senseless(call, 'malformed', 'is not JSON')) : ok(body);
        });
      } finally {
        limit.dispose();
      }
    },
    async open(call) {
      const late = new AbortController();
      const signal = call.signal === undefined ? late.signal : AbortSignal.any([late.signal, call.signal]);
      const cancel = clock.after(call.timeout ?? defaultTimeout, () => late.abort());
      try {
        return await exchange(call, signal, async () => {
          const response = await send(call, 'watches', signal);
          return isSuccess(response) ? ok(response.body) : err(await refusal(call, response, clock.now()));
        });
      } finally {
        cancel();
      }
    },
    close: () => connections.close(),
  };
}

const nameOf = (call: Call): string => `${call.method} ${call.path}`;

const isSuccess = ({ statusCode }: Dispatcher.ResponseData): boolean => statusCode >= 200 && statusCode < 300;

/** Whether the server would not have us, or we not the server: the request was not carried out and may be sent again, once. */
const isRefused = (sent: Promise<Dispatcher.ResponseData>): Promise<boolean> =>
  sent.then(({ statusCode }) => statusCode === 401, isCertificateTrouble);

const discard = (sent: Promise<Dispatcher.ResponseData>): Promise<void> =>
  sent.then(
    ({ body }) => body.dump(),
    () => {},
  );

async function refusal(
  call: Call,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  now: Instant,
): Promise<KubeFailure> {
  const bytes = await readBody(body, longestErrorBody);
  // The API server says seconds; a proxy or balancer before it may say a date.
  const wait = parseRetryAfter(String(headers['retry-after']), String(headers['date']), now);
  return failureFromAnswer(nameOf(call), statusCode, parseJson(bytes?.toString() ?? ''), wait);
}

const senseless = (call: Call, kind: 'tooLarge' | 'malformed', what: string): KubeFailure => ({
  kind,
  message: `${nameOf(call)}: the answer ${what}`,
});

/** Path and query. A server may lie below a path of its own, behind a gateway. */
function pathOf(server: URL, { path, query = {} }: Call): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = given.length > 0 ? `?${new URLSearchParams(given).toString()}` : '';
  return server.pathname.replace(/\/$/, '') + path + search;
}

function headersOf(call: Call, access: Access, userAgent: string): Record<string, string> {
  return {
    ...call.headers,
    ...access.headers,
    accept: call.accept ?? 'application/json',
    'user-agent': userAgent,
    ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
    ...(access.authorization === undefined ? {} : { authorization: access.authorization.reveal() }),
  };
}
