import { unremoved, volumeConditions } from './binding-conditions.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import { type BindingPlan, withdrawn } from './binding-plan.ts';
import type { GrantedVerdict } from './binding-verdict.ts';

/** A binding without a Secret that is allowed: to say what is granted is all that is done for it here. Nodes obtain the tokens. */
export function planVolumesOnly(
  { binding, strays: [left], attempt }: ExistingBindingFacts,
  { grant, countdown }: GrantedVerdict,
): BindingPlan {
  const obstacle = grant.ok ? undefined : grant.error;
  const conditions = volumeConditions({
    ...{ binding, obstacle, countdown },
    left: left && unremoved(attempt),
  });
  // What lies in a Secret since it named one, nobody renews.
  if (left) return withdrawn(left, 'delivered elsewhere', conditions);
  return countdown ? { conditions, requeueAt: countdown.withdrawal.effectiveAt } : { conditions };
}
