import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { managementObstacle, registrationUncertain } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientAction, type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isFalse, type PlannedCondition, withReady } from './condition.ts';
import { isOf, issuerHas, isUsable } from './issuer-usable.ts';
import { planSubmission } from './plan-submission.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { joinViolations, type Violation } from './violation.ts';
import { withdrawnRegistration } from './wanted-registration.ts';

/** A client that is not allowed: it gets no registration, and one that exists, or may, is left with nothing to obtain. */
export function planRefusedClient(
  facts: ExistingClientFacts,
  violations: readonly [Violation, ...Violation[]],
): ClientPlan {
  const { client, record, issuer, credentials, attempt } = facts;
  const [{ reason }] = violations;
  const { action, obstacle } =
    record !== undefined && issuer !== undefined && isUsable(issuer) && isOf(record, issuer)
      ? planWithdrawal(facts, record, issuer)
      : {};
  const conditions = withReady(
    [
      isFalse('Allowed', reason, joinViolations(violations)),
      obstacle ??
        isFalse(
          'Registered',
          reason,
          'what is not allowed is not registered, or is registered with no rights',
        ),
    ],
    '',
  );
  const [secret] = credentials;
  // The issuer comes first, but the tenant's copy of the credentials does not outlive an issuer that is away.
  const failed = action && attempt?.fingerprint === fingerprintOf(action, client);
  if (action !== undefined && !(failed && secret)) return { action, conditions };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  return { conditions };
}

/** Takes from the client at the issuer all that it could obtain, or says what keeps us from it. */
function planWithdrawal(
  facts: ExistingClientFacts,
  record: RegistrationRecord,
  issuer: OAuthIssuer,
): { readonly action?: ClientAction; readonly obstacle?: PlannedCondition } {
  // Nothing was ever sent.
  if (record.phase === 'Prepared') return {};
  if (record.registration === undefined && !issuerHas(issuer, 'IdempotentRegister'))
    return { obstacle: registrationUncertain(record) };
  const withdrawn = withdrawnRegistration(facts, record);
  if (record.registeredHash === withdrawn.hash) return {};
  const obstacle = managementObstacle(record, issuer);
  return obstacle ? { obstacle } : { action: planSubmission(withdrawn, issuer, facts.attempt) };
}
