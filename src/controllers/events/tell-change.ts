import type { PlannedCondition } from '../../domain/condition.ts';
import { eventsOfStatus } from '../../domain/events-of-status.ts';
import type { ResourceKind } from '../../kube/resource-path.ts';
import type { ConditionedObject } from '../../world/kept.ts';
import type { Events } from './event-recorder.ts';
import { referenceTo } from './reference-to.ts';

/** Tells by events what is new in a status that was just written. */
export function tellChange(
  events: Events,
  kind: ResourceKind,
  { metadata, status }: ConditionedObject,
  conditions: readonly PlannedCondition[],
): void {
  for (const event of eventsOfStatus(status?.conditions ?? [], conditions, metadata.generation))
    events.tell(referenceTo(kind, metadata), event);
}
