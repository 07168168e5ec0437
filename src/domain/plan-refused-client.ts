import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { disableUnsupported } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isFalse, withReady } from './condition.ts';
import { isOf, isUsable } from './issuer-usable.ts';
import { planWithdrawal, type WithdrawalStep } from './plan-withdrawal.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { joinViolations, type Violation } from './violation.ts';

/** A client that is not allowed: it gets no registration, and one that exists, or may, is left with nothing to obtain. */
export function planRefusedClient(
  facts: ExistingClientFacts,
  violations: readonly [Violation, ...Violation[]],
): ClientPlan {
  const { client, record, issuer, credentials, attempt } = facts;
  const [{ reason }] = violations;
  const { action, obstacle } =
    record !== undefined && issuer !== undefined && isUsable(issuer) && isOf(record, issuer)
      ? withdrawal(facts, record, issuer)
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
  // The issuer comes first, but the tenant's copy of the credentials does not wait long for one that is away.
  const failed = action && attempt?.fingerprint === fingerprintOf(action, client);
  if (action !== undefined && !(failed && secret)) return { action, conditions };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  return { conditions };
}

/** What is done cannot be all where the issuer cannot disable a client. */
function withdrawal(
  facts: ExistingClientFacts,
  record: RegistrationRecord,
  issuer: OAuthIssuer,
): WithdrawalStep {
  const step = planWithdrawal(facts, record, issuer);
  const remains = disableUnsupported(record, issuer);
  return step.action || step.obstacle || !remains ? step : { obstacle: remains };
}
