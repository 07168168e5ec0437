import type { Reason } from '../api/reasons.ts';
import type { ActionFailure, RetryClass } from '../domain/attempt.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';

const issuerReasons: Readonly<Record<IssuerFailure['kind'], readonly [Reason, RetryClass]>> = {
  throttled: ['IssuerThrottled', 'soon'],
  unavailable: ['IssuerUnavailable', 'soon'],
  malformed: ['IssuerMisbehaved', 'soon'],
  rejected: ['IssuerRejected', 'slow'],
  unauthorized: ['IssuerUnauthorized', 'slow'],
  loginFailed: ['IssuerLoginFailed', 'slow'],
  notFound: ['RegistrationLost', 'slow'],
  unverifiable: ['TokenUnverifiable', 'slow'],
};

/** What a failure at an issuer means for an object of ours. */
export function fromIssuer({ kind, detail, retryAfter }: IssuerFailure): ActionFailure {
  const [reason, retry] = issuerReasons[kind];
  return { reason, message: detail, retry, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

const passing: readonly KubeFailure['kind'][] = [
  'conflict',
  'throttled',
  'unavailable',
  'malformed',
  'gone',
  'unauthorized',
  'notFound',
];

/** What a failure at the API server means, told under the reason that fits what was being done. */
export function fromKube(reason: Reason, { kind, message, retryAfter }: KubeFailure): ActionFailure {
  return {
    reason,
    message,
    retry: passing.includes(kind) ? 'soon' : 'slow',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
