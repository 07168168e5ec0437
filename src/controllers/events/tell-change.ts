import type { PlannedCondition } from '../../domain/condition.ts';
import { eventsOfStatus } from '../../domain/events-of-status.ts';
import { apiVersionOf, type ResourceKind } from '../../kube/resource-path.ts';
import type { ConditionedObject } from '../../world/kept.ts';
import type { Events } from './event-recorder.ts';

/** Tells by events what is new in a status that was just written. */
export function tellChange(
  events: Events,
  kind: ResourceKind,
  { metadata, status }: ConditionedObject,
  conditions: readonly PlannedCondition[],
): void {
  const { namespace, name, uid, generation } = metadata;
  const about = { apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name, uid };
  for (const event of eventsOfStatus(status?.conditions ?? [], conditions, generation))
    events.tell(about, event);
}
