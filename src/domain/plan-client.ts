import { fractionOf } from '../std/digest.ts';
import { earliestKnown, type Instant } from '../std/instant.ts';
import { type ActionFailure, retryAt } from './attempt.ts';
import type { ClientFacts } from './client-facts.ts';
import { type ClientAction, type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isFalse, isUnknown, type PlannedCondition, withInstead } from './condition.ts';
import { planClientDeletion } from './plan-client-deletion.ts';
import { planLivingClient } from './plan-living-client.ts';
import { planOrphans } from './plan-orphans.ts';

/** Decides what happens next for one client. At most one step: after it the facts are gathered again. */
export function planClient(facts: ClientFacts, now: Instant): ClientPlan {
  const { client } = facts;
  const plan =
    client === undefined
      ? { conditions: [] }
      : client.metadata.deletionTimestamp === undefined
        ? planLivingClient({ ...facts, client }, now)
        : planClientDeletion({ ...facts, client });
  const step = heldBack(plan, facts, now);
  // What an earlier object of this name left may be the very thing that stands in the way.
  if (step.action) return step;
  const left = planOrphans(facts, now);
  const whole = { ...step, requeueAt: earliestKnown(step.requeueAt, left.requeueAt) };
  return left.action ? heldBack({ ...whole, action: left.action }, facts, now) : whole;
}

/** Takes the action out of a plan while an earlier failure of the same one asks to wait, and tells of that failure. */
function heldBack(plan: ClientPlan, facts: ClientFacts, now: Instant): ClientPlan {
  const { client, attempt } = facts;
  if (plan.action === undefined || attempt?.fingerprint !== fingerprintOf(plan.action, client)) return plan;
  const { action, ...rest } = plan;
  const at = retryAt(attempt, fractionOf(client?.metadata.uid ?? ''), now);
  const ofOrphan = 'record' in action && facts.orphans.some(({ record }) => record === action.record);
  // A look that fails for a while changes nothing: what was registered is still believed.
  const isQuiet = ofOrphan || (action.kind === 'compare' && attempt.failure.retry === 'soon');
  const told = isQuiet ? rest : { ...rest, conditions: tell(plan.conditions, action, attempt.failure) };
  return at <= now ? { ...told, action } : { ...told, requeueAt: earliestKnown(at, plan.requeueAt) };
}

/** Conditions that say which step failed and why. */
function tell(
  conditions: readonly PlannedCondition[],
  action: ClientAction,
  { reason, message }: ActionFailure,
): readonly PlannedCondition[] {
  const ofCredentials = action.kind.endsWith('Credentials') || 'credentialsOnly' in action;
  const told =
    action.kind === 'compare'
      ? isUnknown('InSync', reason, message)
      : isFalse(ofCredentials ? 'CredentialsReady' : 'Registered', reason, message);
  return withInstead(conditions, told);
}
