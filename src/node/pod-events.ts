import type { PodRef } from '../domain/volume-facts.ts';
import { eventObject } from '../runtime/event-object.ts';
import type { EventSender } from '../runtime/event-sender.ts';
import type { Clock } from '../std/clock.ts';
import type { Rng } from '../std/rng.ts';

/** What the owner of a pod is told. Never a secret, nor anything of another tenant. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  /** A reason of src/api/reasons.ts. */
  readonly reason: string;
  readonly note: string;
}

/** Tells pods by events, as `kubectl describe pod` shows them. */
export interface PodEvents {
  /** Never waits and never fails. Tell only what has changed. */
  tell(pod: PodRef, event: PodEvent): void;
}

interface PodEventsOptions {
  readonly sender: Pick<EventSender, 'send'>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly node: string;
}

/** In the name of the plug-in of a node. */
export const createPodEvents = ({ sender, clock, rng, node }: PodEventsOptions): PodEvents => ({
  tell({ namespace, name, uid }, event) {
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    const reporter = { reportingController: 'csi.grantor.dev', reportingInstance: node };
    sender.send(eventObject(pod, { ...event, action: 'Mount' }, reporter, clock.now(), rng.uuid()));
  },
});
