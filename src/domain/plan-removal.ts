import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { FailedAttempt } from './attempt.ts';
import {
  issuerGone,
  issuerUndiscovered,
  managementObstacle,
  registrationUncertain,
} from './client-conditions.ts';
import { type ClientAction, fingerprintOf } from './client-plan.ts';
import type { PlannedCondition } from './condition.ts';
import { isOf, issuerHas, isUsable } from './issuer-usable.ts';
import { hasTokens, isOutOfHand, planSubmission } from './plan-submission.ts';
import { hasTokensToRevoke } from './plan-withdrawal.ts';
import { asIfAdopted, type RegistrationRecord } from './registration-record.ts';
import { bareRegistration } from './wanted-registration.ts';

/** What it takes to decide about a registration that is to go. Of its OAuthClient nothing: that may be gone. */
export interface RemovalFacts {
  readonly record: RegistrationRecord;
  /** The OAuthIssuer that the record names, whichever it is now. */
  readonly issuer: OAuthIssuer | undefined;
  readonly clusterID: string;
  readonly attempt: FailedAttempt | undefined;
}

/** The next step, or what keeps us from it. */
export type Removal =
  | { readonly action: ClientAction; readonly obstacle?: never }
  | { readonly action?: never; readonly obstacle: PlannedCondition };

/** Takes a registration away: first at the issuer, then our record of it. */
export function planDeregistration(facts: RemovalFacts): Removal {
  const { issuer, clusterID, attempt } = facts;
  const record = asIfAdopted(facts.record);
  if (isUnsent(record)) return { action: { kind: 'deleteRecord', record } };
  if (issuer === undefined || !isOf(record, issuer)) return { obstacle: issuerGone(record) };
  // What an answer to a deletion means depends on whether our mark can settle it, and that is known when the issuer is.
  if (!isUsable(issuer)) return { obstacle: issuerUndiscovered(record) };
  const obstacle = unfindable(record, issuer) ?? managementObstacle(record, issuer);
  if (obstacle !== undefined) return { obstacle };
  // 401 to a deletion may mean that the client is gone already (RFC 7592 section 2.3), or that our token is not good any more.
  const refused =
    attempt?.failure.reason === 'IssuerUnauthorized' &&
    attempt.fingerprint.startsWith(`deregister/${record.uid}/`);
  // Our mark finds the client whose id or token we do not have, or makes it: either way it can then be deleted.
  const isFindable = issuerHas(issuer, 'IdempotentRegister') && hasTokens(issuer);
  const reclaim = record.registration === undefined || (refused && isFindable);
  return {
    action: reclaim
      ? { kind: 'reclaim', insteadOf: 'deregister', ...bareRegistration(clusterID, record) }
      : { kind: 'deregister', record },
  };
}

/** Takes from a registration, and from what it may have become, all that it can obtain; then what it has obtained. Neither where that cannot be. */
export function planEmptying(facts: RemovalFacts): Partial<Removal> {
  const { issuer, clusterID, attempt } = facts;
  const record = asIfAdopted(facts.record);
  if (isUnsent(record) || issuer === undefined || !isOf(record, issuer)) return {};
  const unfound = unfindable(record, issuer);
  if (unfound !== undefined) return isUsable(issuer) ? {} : { obstacle: unfound };
  if (managementObstacle(record, issuer) !== undefined) return {};
  const bare = bareRegistration(clusterID, record);
  const action = planSubmission(bare, issuer, attempt);
  const beyondReach = action.kind === 'update' && isOutOfHand(bare, issuer, attempt);
  if (beyondReach) return {};
  if (record.registeredHash !== bare.hash) return { action };
  const revocation = { kind: 'revokeTokens', record } as const;
  return hasTokensToRevoke(record, issuer) && !wasRefused(revocation, attempt) ? { action: revocation } : {};
}

/** Whether the issuer has said no to this, so that asking again is of no use. */
const wasRefused = (action: ClientAction, attempt: FailedAttempt | undefined): boolean =>
  attempt?.fingerprint === fingerprintOf(action, undefined) &&
  ['IssuerUnauthorized', 'IssuerRejected', 'RegistrationLost'].includes(attempt.failure.reason);

const isUnsent = ({ phase }: RegistrationRecord): boolean => phase === 'Prepared';

/** The answer to a registration was lost, and our mark would not find the client; or it is not known yet whether it would. */
function unfindable(record: RegistrationRecord, issuer: OAuthIssuer): PlannedCondition | undefined {
  if (record.registration !== undefined || issuerHas(issuer, 'IdempotentRegister')) return undefined;
  return isUsable(issuer) ? registrationUncertain(record) : issuerUndiscovered(record);
}
