import type { Instant } from '../std/instant.ts';
import { allowedConditions } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ClientPlan } from './client-plan.ts';
import { clientViolations } from './client-rules.ts';
import { isFalse, isUnknown, withReady } from './condition.ts';
import { inheritanceOf } from './inheritance.ts';
import { planAllowedClient } from './plan-allowed-client.ts';
import { planRefusedClient } from './plan-refused-client.ts';
import { tenantStatus } from './tenant-status.ts';

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

  return { ...known, tenant: tenantStatus(facts), ...planAllowedClient(facts, now) };
}
