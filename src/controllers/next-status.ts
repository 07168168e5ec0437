import type { PlannedCondition } from '../domain/condition.ts';
import { withStalled } from '../domain/stalled.ts';
import { type Json, sameJson } from '../std/canonical-json.ts';
import { formatInstant, type Instant } from '../std/instant.ts';
import type { ConditionedObject } from '../world/kept.ts';

/**
 * The status to apply, or undefined when the object has it already: an unchanged status is never written. A condition keeps the time
 * of its last transition while its status stays the same.
 */
export function nextStatus(
  object: ConditionedObject,
  planned: readonly PlannedCondition[],
  rest: { readonly [field: string]: Json | undefined },
  now: Instant,
): { readonly [field: string]: Json | undefined } | undefined {
  const { generation } = object.metadata;
  const conditions = withStalled(planned).map(({ type, status, reason, message }) => {
    const before = object.status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatInstant(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation };
  });
  const next = { observedGeneration: generation, ...rest, conditions };
  return sameJson(next, object.status) ? undefined : next;
}
