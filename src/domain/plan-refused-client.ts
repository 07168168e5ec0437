import { milliseconds } from '../std/duration.ts';
import { formatInstant, type Instant, plus } from '../std/instant.ts';
import { accessTokenLifetime } from './access-token-lifetime.ts';
import { credentialsPerhapsLeft, disableUnsupported, withdrawingConditions } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isFalse, withReady } from './condition.ts';
import { durationIn } from './grant-status.ts';
import { isOf, isUsable } from './issuer-usable.ts';
import { planLook } from './plan-look.ts';
import { hasLostAll, isEmptied, outOfReach, planWithdrawal, type WithdrawalStep } from './plan-withdrawal.ts';
import { tenantOf } from './tenant-status.ts';
import { joinViolations, type Violation } from './violation.ts';
import { withdrawnRegistration } from './wanted-registration.ts';
import {
  isEffective,
  untilWithdrawn,
  type Withdrawal,
  withdrawalOf,
  withdrawalStatus,
} from './withdrawal.ts';

/** A client that is not allowed: it gets no registration, and one that exists, or may, is left with nothing to obtain. */
export function planRefusedClient(
  facts: ExistingClientFacts,
  violations: readonly [Violation, ...Violation[]],
  now: Instant,
): ClientPlan {
  // What never had anything loses nothing.
  if (!hasSomething(facts)) return takenAway(facts, violations);
  const { tenant, withdrawal: before } = facts.client.status ?? {};
  const delay = isForeign(facts) ? milliseconds(0) : durationIn(tenant?.withdrawalDelay);
  const withdrawal = withdrawalOf(violations, before, delay, now);
  if (isEffective(withdrawal, now)) {
    const step = takenAway(facts, violations);
    const next = step.action ? step : { ...step, ...lookAgain(facts, now) };
    return { ...next, ...effectiveStatus(facts, withdrawal, now) };
  }

  // Nothing is taken away for what may be an accident, and nothing is done either.
  return {
    conditions: withdrawingConditions(facts, violations[0].reason, untilWithdrawn(violations, withdrawal)),
    tenant,
    withdrawal: withdrawalStatus(withdrawal),
    requeueAt: withdrawal.effectiveAt,
  };
}

/** What somebody gives back at the issuer by hand is taken away again. */
function lookAgain(facts: ExistingClientFacts, now: Instant): Pick<ClientPlan, 'action' | 'requeueAt'> {
  const { record, issuer } = facts;
  if (record === undefined || issuer === undefined || !isUsable(issuer) || !isOf(record, issuer)) return {};
  return isEmptied(facts) ? planLook(facts, withdrawnRegistration(facts, record), issuer, now) : {};
}

/** Whether there is anything to be taken away, or was when that began. */
function hasSomething({ client, record, unreadableRecord, credentials }: ExistingClientFacts): boolean {
  const { tenant, withdrawal } = client.status ?? {};
  const isRegistered = record !== undefined && record.phase !== 'Prepared';
  const byOthers = client.spec.clientID !== undefined && tenant !== undefined;
  const inDoubt = unreadableRecord !== undefined;
  return withdrawal !== undefined || isRegistered || byOthers || inDoubt || credentials.length > 0;
}

/** Whether what the client has is of another tenant than it belongs to, or did last: that waits for nobody's accidents. */
const isForeign = (facts: ExistingClientFacts): boolean => {
  const { client, record } = facts;
  const known = client.status?.tenant?.tenantID;
  const [has, may] = [record?.tenantID ?? known, tenantOf(facts)?.spec.tenantID ?? known];
  return has !== undefined && may !== undefined && has !== may;
};

/** At the issuer first, and then here; the tenant's copy of the credentials does not wait long for an issuer that is away. */
function takenAway(
  facts: ExistingClientFacts,
  violations: readonly [Violation, ...Violation[]],
): Pick<ClientPlan, 'action' | 'conditions'> {
  const { client, credentials, attempt } = facts;
  const [{ reason }] = violations;
  const { action, obstacle } = withdrawalStep(facts);
  const credentialsLeft = credentialsPerhapsLeft(facts);
  const conditions = withReady(
    [
      isFalse('Allowed', reason, joinViolations(violations)),
      obstacle ??
        isFalse(
          'Registered',
          reason,
          'what is not allowed is not registered, or is registered with no rights',
        ),
      ...(credentialsLeft ? [credentialsLeft] : []),
    ],
    '',
  );
  const [secret] = credentials;
  const failed = action && attempt?.fingerprint === fingerprintOf(action, client);
  if (action !== undefined && !(failed && secret)) return { action, conditions };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  return { conditions };
}

/** What is done cannot be all where the issuer cannot disable a client. */
function withdrawalStep(facts: ExistingClientFacts): WithdrawalStep {
  const { record, issuer } = facts;
  if (issuer === undefined || !isUsable(issuer)) return { obstacle: outOfReach(facts) };
  const step = record !== undefined && isOf(record, issuer) ? planWithdrawal(facts, record, issuer) : {};
  if (step.action || step.obstacle || !hasSomething(facts)) return step;
  const clientID = facts.client.spec.clientID ?? record?.registration?.clientID;
  const cannotDisable = clientID === undefined ? undefined : disableUnsupported(clientID, issuer);
  return { obstacle: outOfReach(facts) ?? cannotDisable };
}

/**
 * What has been taken away, and what of it may still be of use to somebody: that ends a life of a token after the issuer gives no more,
 * and as long as the issuer has not said so nobody knows when. Until then it is remembered how long they live.
 */
function effectiveStatus(
  facts: ExistingClientFacts,
  withdrawal: Withdrawal,
  now: Instant,
): Pick<ClientPlan, 'tenant' | 'withdrawal'> {
  const { client } = facts;
  const { tenant, withdrawal: before } = client.status ?? {};
  const revocation = before?.revocation === 'Confirmed' || hasLostAll(facts) ? 'Confirmed' : 'Unconfirmed';
  const told = { ...withdrawalStatus(withdrawal), revocation } as const;
  if (before?.exposedUntil) return { withdrawal: { ...told, exposedUntil: before.exposedUntil } };
  if (!isEmptied(facts)) return { withdrawal: told, tenant };
  const lifetime = tenant ? durationIn(tenant.maxLifetime) : accessTokenLifetime(client, tenantOf(facts));
  return { withdrawal: { ...told, exposedUntil: formatInstant(plus(now, lifetime)) } };
}
