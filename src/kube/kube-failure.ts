import { type Duration, milliseconds } from '../std/duration.ts';
import { longestPause } from '../std/retry-after.ts';

/**
 * Why the API server did not do what it was asked.
 *
 * - `notFound`, `alreadyExists`, `conflict` (a precondition failed), `invalid` (never send it again as it is), `tooLarge`
 * - `unauthorized` (who are you), `forbidden` (not you; also an exhausted quota and a namespace that is terminating)
 * - `throttled` (see `retryAfter`), `gone` (the list or watch must start anew)
 * - `unavailable`: no answer, a 5xx, or the caller gave up. It may have been done or not.
 * - `malformed`: an answer that makes no sense. It may have been done or not.
 */
export type KubeFailureKind =
  | 'notFound'
  | 'alreadyExists'
  | 'conflict'
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  | 'throttled'
  | 'gone'
  | 'tooLarge'
  | 'unavailable'
  | 'malformed';

export interface KubeFailure {
  readonly kind: KubeFailureKind;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** `reason` of the Status object, or of its first cause where that says more (`NamespaceTerminating`). */
  readonly reason?: string;
  /** One sentence for a person; at most 500 characters. */
  readonly message: string;
  /** How long the server asks to be left alone. */
  readonly retryAfter?: Duration;
}

const longestMessage = 500;

/** Reads what came with a status that is not 2xx: a `metav1.Status`, or anything. `call` is named if the answer names nothing. */
export function failureFromAnswer(
  call: string,
  status: number,
  body: unknown,
  retryAfter?: Duration,
): KubeFailure {
  const answer = readStatus(body);
  const wait = answer.retryAfter ?? retryAfter;
  return {
    kind: kindOf(status, answer.reason),
    status,
    message: answer.message ?? `${call}: the API server answered ${status}`,
    ...(answer.detail === undefined ? {} : { reason: answer.detail }),
    ...(wait === undefined ? {} : { retryAfter: wait }),
  };
}

/** Reads the Status of an ERROR event in a watch, where only the body carries a code. */
export function failureFromErrorEvent(call: string, body: unknown): KubeFailure {
  const code = (body as { code?: unknown } | null)?.code;
  return failureFromAnswer(call, typeof code === 'number' ? code : 500, body);
}

function kindOf(status: number, reason: string | undefined): KubeFailureKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'notFound';
    case 409:
      return reason === 'AlreadyExists' ? 'alreadyExists' : 'conflict';
    case 410:
      return 'gone';
    case 413:
      return 'tooLarge';
    case 429:
      return 'throttled';
    default:
      if (reason === 'Expired' || reason === 'Gone') return 'gone';
      return status >= 400 && status < 500 ? 'invalid' : 'unavailable';
  }
}

function readStatus(body: unknown): {
  reason?: string;
  detail?: string;
  message?: string;
  retryAfter?: Duration;
} {
  if (typeof body !== 'object' || body === null) return {};
  const { kind, reason, message, details } = body as Record<string, unknown>;
  if (kind !== 'Status') return {};
  const { causes, retryAfterSeconds } = (details ?? {}) as Record<string, unknown>;
  const cause: unknown = Array.isArray(causes)
    ? (causes[0] as { reason?: unknown } | null)?.reason
    : undefined;
  const known = typeof reason === 'string' && reason !== '' ? reason.slice(0, 64) : undefined;
  const detail = typeof cause === 'string' && /^[A-Za-z]{1,64}$/.test(cause) ? cause : known;
  return {
    ...(known === undefined ? {} : { reason: known }),
    ...(detail === undefined ? {} : { detail }),
    ...(typeof message === 'string' && message !== '' ? { message: readable(message) } : {}),
    ...(typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0
      ? { retryAfter: milliseconds(Math.min(longestPause, retryAfterSeconds * 1000)) }
      : {}),
  };
}

/** The API server's JSON parser quotes what it could not read, and that may be a Secret's data: cut there. */
function readable(message: string): string {
  const cut = message.search(/, error found in #|, bigger context /);
  return (cut === -1 ? message : message.slice(0, cut)).slice(0, longestMessage);
}
