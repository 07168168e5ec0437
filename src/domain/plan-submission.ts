import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { FailedAttempt } from './attempt.ts';
import type { ActionOf, Submission } from './client-plan.ts';
import { issuerHas } from './issuer-usable.ts';
import type { Look } from './look.ts';

/**
 * How a client that the issuer may hold gets this form. The usual way is an update with our token. Where there is no token that the issuer
 * takes, or it lost the client, our mark finds the client or makes it; elsewhere that would make a second one.
 */
export function planSubmission(
  submission: Submission,
  issuer: OAuthIssuer,
  attempt: FailedAttempt | undefined,
  look?: Look,
): ActionOf<'update' | 'reclaim'> {
  const { record, desired, hash } = submission;
  // What kept one form from being taken need not keep another.
  const isGone = look?.isGone === true && look.hash === hash;
  const out = record.registration === undefined || isGone || isOutOfHand(submission, issuer, attempt);
  // A client that was taken over has an id that no mark leads to.
  const isFindable = record.adopts === undefined || desired.adopts !== undefined;
  return out && isFindable && issuerHas(issuer, 'IdempotentRegister')
    ? { kind: 'reclaim', insteadOf: 'update', ...submission }
    : { kind: 'update', ...submission };
}

/** Whether the issuer said that it does not know the client, or does not take our token for it. */
export function isOutOfHand(
  { hash }: Submission,
  issuer: OAuthIssuer,
  attempt: FailedAttempt | undefined,
): boolean {
  if (attempt?.fingerprint !== `update/${hash}`) return false;
  const { reason } = attempt.failure;
  return reason === 'RegistrationLost' || (reason === 'IssuerUnauthorized' && hasTokens(issuer));
}

/** Whether each client has a token of its own to be managed with; elsewhere 401 speaks of our login. */
export const hasTokens = (issuer: OAuthIssuer): boolean => !issuerHas(issuer, 'ManageByMark');
