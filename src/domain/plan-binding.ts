import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Instant } from '../std/instant.ts';
import { pendingConditions } from './binding-conditions.ts';
import type { BindingFacts, ExistingBindingFacts } from './binding-facts.ts';
import { type BindingPlan, withdrawn } from './binding-plan.ts';
import { bindingVerdict, type GrantedVerdict, isForeign } from './binding-verdict.ts';
import { issuerHas } from './issuer-usable.ts';
import { planGrantedBinding } from './plan-granted-binding.ts';
import { planBeingRead, planOutOfReach } from './plan-out-of-reach.ts';
import { planRefusedBinding } from './plan-refused-binding.ts';
import { takenAway } from './plan-taking-away.ts';
import { planMalformed, planUnreadable } from './plan-unreadable-binding.ts';
import { planVolumesOnly } from './plan-volumes-only.ts';
import { isBeingRead, isOutOfReach } from './secret-reach.ts';
import { withdrawalStatus } from './withdrawal.ts';

/** Decides what happens next for one binding. Reading the function from top to bottom is reading the policy. */
export function planBinding(facts: BindingFacts, now: Instant): BindingPlan {
  const { binding, secret } = facts;
  const left = secret ?? facts.strays[0];

  // 0. One that cannot be read is not one that is gone.
  if (facts.malformed !== undefined) return planMalformed(facts, facts.malformed, now);

  // 1. A binding that is gone leaves no token behind.
  if (binding === undefined || binding.metadata.deletionTimestamp !== undefined)
    return withdrawn(left, 'deleted', []);

  // 2. What is being read is known in a moment.
  const existing = { ...facts, binding };
  if (binding.spec.delivery !== undefined && isBeingRead(facts)) return planBeingRead(now);

  // 3. What policy forbids is refused in full and told in full; nothing is asked for, and what was granted before is taken away.
  const verdict = bindingVerdict(existing, now);
  if (verdict.kind === 'refused') return planRefusedBinding(existing, verdict, now);

  // 4. What cannot be read is neither a yes nor a no: the token that is there lives out its life.
  if (facts.unreadable !== undefined)
    return { ...planUnreadable(facts, facts.unreadable, now), ...asBefore(binding) };

  // 5. In a namespace that is going away nothing can be created.
  if (facts.namespaceTerminating) return { conditions: [] };

  // 6. What it has of another tenant goes before anything is asked for, and until then the status tells of that.
  if (left && isForeign(existing)) {
    const byClient = facts.issuer !== undefined && issuerHas(facts.issuer, 'RevokeAll');
    const step = takenAway(existing, left, 'of another tenant', byClient, now);
    return { ...step, conditions: pendingConditions, grant: binding.status?.grant };
  }

  // 7. What is allowed gets its token, and keeps it new.
  const plan = planAllowed(existing, verdict, now);
  const { status: grant, countdown } = verdict;
  if (countdown === undefined) return { ...plan, grant };
  const { violations, withdrawal } = countdown;
  return { ...plan, grant, violations, withdrawal: withdrawalStatus(withdrawal) };
}

/** Into a Secret the token is put from here, into volumes by the nodes that have them. */
const planAllowed = (facts: ExistingBindingFacts, verdict: GrantedVerdict, now: Instant): BindingPlan => {
  const { delivery } = facts.binding.spec;
  if (delivery === undefined) return planVolumesOnly(facts, verdict);
  const { name } = delivery.secretRef;
  return isOutOfReach(facts)
    ? planOutOfReach(facts, name, verdict, now)
    : planGrantedBinding(facts, name, verdict, now);
};

/** While nothing can be decided, the status says what it said. */
const asBefore = ({ status }: WorkloadIdentityBinding): Pick<BindingPlan, 'grant' | 'withdrawal'> => ({
  grant: status?.grant,
  withdrawal: status?.withdrawal,
});
