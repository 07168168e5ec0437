import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { seconds } from '../std/duration.ts';
import { managementObstacle, registrationUncertain } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientAction, fingerprintOf } from './client-plan.ts';
import { isFalse, type PlannedCondition } from './condition.ts';
import { isOf, issuerHas, isUsable } from './issuer-usable.ts';
import { planSubmission } from './plan-submission.ts';
import { asIfAdopted, type RegistrationRecord } from './registration-record.ts';
import { withdrawnRegistration } from './wanted-registration.ts';

/** The next step, or what keeps us from it; neither when all is done. */
export interface WithdrawalStep {
  readonly action?: ClientAction;
  readonly obstacle?: PlannedCondition | undefined;
}

/** What else is to be taken away waits no longer than this for an issuer that may be away. Later tries have the time of any call. */
const patience = seconds(1);

/** Takes from the client at the issuer all that it could obtain, and then what it has obtained. It keeps its id. */
export function planWithdrawal(
  facts: ExistingClientFacts,
  kept: RegistrationRecord,
  issuer: OAuthIssuer,
): WithdrawalStep {
  const record = asIfAdopted(kept);
  const { client, attempt } = facts;
  // Nothing was ever sent.
  if (record.phase === 'Prepared') return {};
  if (record.registration === undefined && !issuerHas(issuer, 'IdempotentRegister'))
    return { obstacle: registrationUncertain(record) };
  const withdrawn = withdrawnRegistration(facts, record);
  const unmanageable = managementObstacle(record, issuer);
  const isWithdrawn = record.registeredHash === withdrawn.hash;
  if (isWithdrawn && !hasTokensToRevoke(record, issuer)) return {};
  if (unmanageable !== undefined) return isWithdrawn ? {} : { obstacle: unmanageable };
  const action = isWithdrawn
    ? ({ kind: 'revokeTokens', record } as const)
    : planSubmission(withdrawn, issuer, attempt);
  const isFirst = attempt?.fingerprint !== fingerprintOf(action, client);
  return { action: isFirst ? { ...action, within: patience } : action };
}

/** Why a client still has at its issuer what it may not have any more, where nobody there can be told. */
export function outOfReach(facts: ExistingClientFacts): PlannedCondition | undefined {
  const { record, unreadableRecord, issuer, unreadable } = facts;
  const keeps = 'until then the client keeps what it has at its issuer';
  if (unreadableRecord !== undefined)
    return isFalse('Registered', 'Malformed', `${unreadableRecord.problem} in Grantor's namespace; ${keeps}`);
  if (record === undefined || record.phase === 'Prepared') return undefined;
  if (record.registeredHash === withdrawnRegistration(facts, record).hash) return undefined;
  const name = `OAuthIssuer ${record.issuer} (${record.issuerIdentifier})`;
  if (issuer === undefined)
    return unreadable === undefined
      ? isFalse('Registered', 'IssuerNotFound', `${name} is gone, and must come back; ${keeps}`)
      : isFalse('Registered', 'Malformed', `${unreadable}; ${keeps}`);
  if (!isOf(record, issuer))
    return isFalse('Registered', 'IssuerReplaced', `${name} is another now, and must come back; ${keeps}`);
  return isUsable(issuer)
    ? undefined
    : isFalse('Registered', 'IssuerNotReady', `${name} is not ready; ${keeps}`);
}

/** Whether there may be tokens that the issuer could end. */
export const hasTokensToRevoke = (record: RegistrationRecord, issuer: OAuthIssuer): boolean =>
  issuerHas(issuer, 'RevokeAll') && record.tokensRevoked !== true;

/** Whether the client can obtain nothing more at the issuer. */
export const isEmptied = (facts: ExistingClientFacts): boolean =>
  facts.record !== undefined &&
  facts.record.registeredHash === withdrawnRegistration(facts, facts.record).hash;

/** Whether the issuer has confirmed as well that all tokens of it are revoked. */
export const hasLostAll = (facts: ExistingClientFacts): boolean =>
  isEmptied(facts) && facts.record?.tokensRevoked === true;
