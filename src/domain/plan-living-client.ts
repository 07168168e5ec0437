import { seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { allowedConditions, unreadConditions } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ClientPlan } from './client-plan.ts';
import { clientViolations } from './client-rules.ts';
import { isFalse, isUnknown, withReady } from './condition.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import { inheritanceOf } from './inheritance.ts';
import { planAllowedClient } from './plan-allowed-client.ts';
import { planRefusedClient } from './plan-refused-client.ts';
import { isBeingRead, isOutOfReach } from './secret-reach.ts';
import { tenantStatus } from './tenant-status.ts';

/** A handler tells when they were read; that they cannot be is noticed by looking. */
const betweenLooks = seconds(15);

/** A client whose credentials may be in a Secret already: for a moment nothing is told, and what stands in the way is told then. */
function planUnreadSecrets(facts: ExistingClientFacts, now: Instant): ClientPlan {
  const { tenant, withdrawal } = facts.client.status ?? {};
  const conditions = isBeingRead(facts) ? [] : unreadConditions(facts);
  return { conditions, tenant, withdrawal, requeueAt: plus(now, betweenLooks) };
}

/** A client that is to stay. */
export function planLivingClient(facts: ExistingClientFacts, now: Instant): ClientPlan {
  const { client, record, unreadable } = facts;
  const inherited = inheritanceOf(facts);
  if (inherited !== undefined)
    return {
      action: { kind: 'inherit', record: inherited },
      conditions: allowedConditions(isFalse('Registered', 'Pending', 'the client is found again')),
    };

  const violations = clientViolations(facts);
  const [refusal, ...refusals] = violations;
  const clientID = client.spec.clientID ?? record?.registration?.clientID;
  const known = clientID === undefined ? {} : { clientID };

  // What is refused gets no registration; one that exists is left with nothing to obtain, at once or in a while.
  if (refusal !== undefined)
    return { ...known, violations, ...planRefusedClient(facts, [refusal, ...refusals], now) };

  // Nothing can be decided about what cannot be read: the status says what it said.
  if (unreadable !== undefined) {
    const { tenant, withdrawal } = client.status ?? {};
    const conditions = withReady([isUnknown('Allowed', 'Malformed', unreadable)], '');
    return { ...known, tenant, withdrawal, conditions };
  }

  // Nor about what lies in Secrets that nobody has read.
  if (credentialsSecretName(client) !== undefined && isOutOfReach(facts))
    return { ...known, ...planUnreadSecrets(facts, now) };

  return { ...known, tenant: tenantStatus(facts), ...planAllowedClient(facts, now) };
}
