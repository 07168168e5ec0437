import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { printable } from './text.ts';

/**
 * Carries a failure through a library that only knows exceptions: our fetch throws it, `failureOf` takes it out again.
 */
export class IssuerFailureError extends Error {
  readonly failure: IssuerFailure;

  constructor(failure: IssuerFailure) {
    super(failure.detail);
    this.name = 'IssuerFailureError';
    this.failure = failure;
  }
}

/** A failure with its `detail` bounded and printable; `what` names the request, e.g. `token request`. */
export function failure(
  kind: IssuerFailure['kind'],
  what: string,
  said: string,
  oauthError?: string,
): IssuerFailure {
  const detail = printable(`${what}: ${said}`);
  return oauthError === undefined ? { kind, detail } : { kind, detail, oauthError };
}

/**
 * Any exception of a request at an issuer as data. Nothing of the exception goes on but a status, an `error` code and a cleaned
 * `error_description`: causes of oauth4webapi's errors hold whole answers, tokens included.
 */
export function failureOf(error: unknown, what: string): IssuerFailure {
  if (error instanceof IssuerFailureError) return error.failure;
  if (error instanceof oauth.ResponseBodyError) {
    return refusal(error.status, what, { error: error.error, error_description: error.error_description });
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const parameters = error.cause.find((challenge) => challenge.parameters.error !== undefined)?.parameters;
    return refusal(error.status, what, parameters ?? {});
  }
  if (error instanceof oauth.OperationProcessingError) return ofOperation(error, what);
  if (error instanceof oauth.UnsupportedOperationError) {
    return failure(
      'malformed',
      what,
      'the answer has a token_type that was not asked for; only Bearer is supported',
    );
  }
  if (error instanceof jose.errors.JOSEError) return ofJose(error, what);
  const code = transportCode(error);
  if (code !== undefined) return unreachable(code, what);
  // Not one of the known shapes: its message may hold anything, its name can't.
  return failure(
    'malformed',
    what,
    `failed unexpectedly (${error instanceof Error ? error.name : typeof error})`,
  );
}

/**
 * What a status and an OAuth error (RFC 6749 section 5.2, RFC 7591 section 3.2.2, RFC 6750 section 3.1) mean. Never
 * `notFound`: a 404 of an endpoint says nothing of a client, and may come from a proxy in front of the issuer.
 */
export function refusal(
  status: number,
  what: string,
  body: { error?: unknown; error_description?: unknown },
): IssuerFailure {
  const oauthError = typeof body.error === 'string' && errorCode.test(body.error) ? body.error : undefined;
  const description = typeof body.error_description === 'string' ? ` (${body.error_description})` : '';
  const said =
    oauthError === undefined
      ? `the issuer answered ${status}`
      : `the issuer answered ${oauthError}${description}`;
  return failure(refusalKind(status, oauthError), what, said, oauthError);
}

// The characters that RFC 6749 allows, and a length that no token fits in.
const errorCode = /^[a-z][a-z0-9_.-]{0,47}$/i;

function refusalKind(status: number, oauthError: string | undefined): IssuerFailure['kind'] {
  if (status >= 500 || oauthError === 'server_error' || oauthError === 'temporarily_unavailable')
    return 'unavailable';
  if (status === 429 || oauthError === 'slow_down') return 'throttled';
  if (status === 401 || status === 403) return 'unauthorized';
  if (oauthError === 'invalid_client' || oauthError === 'invalid_token') return 'unauthorized';
  return oauthError === undefined ? 'malformed' : 'rejected';
}

/** An error that comes with the status of a success, as from some gateways: whatever was asked was not done. */
export function disguisedError(body: Uint8Array, what: string): IssuerFailure | undefined {
  const error = errorIn(body);
  if (typeof error !== 'string' || !errorCode.test(error)) return undefined;
  return failure('malformed', what, `the issuer answered ${error} with the status of a success`, error);
}

function errorIn(body: Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(body).toString()) as { readonly error?: unknown } | null)?.error;
  } catch {
    return undefined;
  }
}

function ofOperation(error: oauth.OperationProcessingError, what: string): IssuerFailure {
  if (error.code === 'OAUTH_MISSING_SERVER_METADATA') {
    return failure('rejected', what, "the issuer's metadata names no endpoint for it");
  }
  if (error.cause instanceof Response && error.cause.status !== 200)
    return refusal(error.cause.status, what, {});
  // oauth4webapi's messages are fixed sentences that name a member of the answer, never its value.
  return failure('malformed', what, `the answer breaks the protocol: ${error.message.replaceAll('"', '')}`);
}

const joseKinds: Readonly<Record<string, IssuerFailure['kind']>> = {
  ERR_JWKS_TIMEOUT: 'unavailable',
  ERR_JWKS_INVALID: 'malformed',
  ERR_JWK_INVALID: 'malformed',
  ERR_JOSE_GENERIC: 'malformed',
};

const ofJose = (error: jose.errors.JOSEError, what: string): IssuerFailure =>
  failure(joseKinds[error.code] ?? 'unverifiable', what, `the signature can't be verified (${error.code})`);

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed in mid-answer',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not trusted; put its CA into spec.tls",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not trusted; put its CA into spec.tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not trusted; put its CA into spec.tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is not trusted; put its CA into spec.tls",
};

const unreachable = (code: string, what: string): IssuerFailure => ({
  ...failure('unavailable', what, `${explanations[code] ?? 'the connection failed'} (${code})`),
  ...(beforeConnected.test(code) ? { sent: false } : {}),
});

// Name resolution, TCP and certificates: all of it is over before the first byte of a request.
const beforeConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|(CERT|ERR_TLS_CERT|DEPTH|SELF|UNABLE)_[A-Z0-9_]+)$/;

// System calls, undici, TLS and certificates, the HTTP parser; not the codes of a wrong argument.
const transportError =
  /^(E[A-Z]+|EAI_[A-Z]+|(UND_ERR|ERR_TLS|ERR_SSL|CERT|UNABLE|DEPTH|SELF|HPE)_[A-Z0-9_]+)$/;

/** The code of a system, TLS or undici error, which fetch hides in nested causes and Happy Eyeballs in an AggregateError. */
function transportCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && transportError.test(code)) return code;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return undefined;
}
