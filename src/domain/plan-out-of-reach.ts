import { seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { outOfReachConditions, type Unremoved } from './binding-conditions.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import type { BindingPlan } from './binding-plan.ts';
import type { GrantedVerdict } from './binding-verdict.ts';
import { isOutOfReach, whyOutOfReach } from './secret-reach.ts';

/** A handler tells when the Secrets were read; that they cannot be is noticed by looking. */
const betweenLooks = seconds(15);

/** A binding whose Secret is out of reach for a moment: neither given nor taken. */
export const planBeingRead = (now: Instant): BindingPlan => ({
  conditions: [],
  requeueAt: plus(now, betweenLooks),
});

/** A binding that is allowed, or was until a moment ago, and whose Secret is out of reach: nothing is asked for that has no place to go. */
export function planOutOfReach(
  facts: ExistingBindingFacts,
  secretName: string,
  { countdown }: GrantedVerdict,
  now: Instant,
): BindingPlan {
  const why = `${whyOutOfReach(facts, facts.binding.metadata.namespace)}, so what is in Secret ${secretName}, if anything, is not renewed`;
  return {
    conditions: outOfReachConditions(countdown, why),
    requeueAt: countdown?.withdrawal.effectiveAt ?? plus(now, betweenLooks),
  };
}

/** What a refused binding may still have in a Secret that nobody can look at. What never had anything has nothing there. */
export function perhapsLeft(facts: ExistingBindingFacts): Unremoved | undefined {
  const { spec, status, metadata } = facts.binding;
  const hadSomething = status?.grant !== undefined || status?.withdrawal !== undefined;
  if (spec.delivery === undefined || !hadSomething || !isOutOfReach(facts)) return undefined;
  const { name } = spec.delivery.secretRef;
  return {
    reason: 'SecretDeliveryNotInstalled',
    message: `${whyOutOfReach(facts, metadata.namespace)}, so a token may be left in Secret ${name} until it expires; whoever may delete that Secret should`,
  };
}
