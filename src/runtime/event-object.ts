import type { KubeObject } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Instant } from '../std/instant.ts';

/** Events as they are written now; what `src/kube/core-kinds.ts` has is how everybody reads them. */
export const eventKind: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/** The object that an event is about, by its UID: `kubectl describe` shows no others. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** None of what belongs to the whole cluster. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
}

/** Who tells. */
export interface Reporter {
  readonly reportingController: string;
  /** The process: a pod or a node. */
  readonly reportingInstance: string;
}

interface EventContent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  /** What the reporter was about to do. */
  readonly action: string;
}

export interface EventObject extends KubeObject, Reporter, EventContent {
  readonly eventTime: string;
  readonly regarding: ObjectReference;
  /** That it was told before: how often by now, and when last. */
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

/** Where Kubernetes looks for events of what has no namespace. */
const namespaceOfCluster = 'default';

/** Kubernetes takes no more, and counts bytes. */
const longestNote = 1024;

/** Cuts off what does not fit, and no character in half. */
function fitting(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= longestNote) return note;
  const kept = bytes.subarray(0, longestNote - Buffer.byteLength('…'));
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}

/** `MicroTime` of Kubernetes. */
export const microTime = (at: Instant): string => new Date(at).toISOString().replace('Z', '000Z');

/** An event as the API server takes it. `id` tells it from others about the same object. */
export const eventObject = (
  regarding: ObjectReference,
  { type, reason, note, action }: EventContent,
  { reportingController, reportingInstance }: Reporter,
  at: Instant,
  id: string,
): EventObject => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: {
    namespace: regarding.namespace ?? namespaceOfCluster,
    name: `${regarding.name.slice(0, 200).replace(/[-.]+$/, '')}.${id}`,
  },
  eventTime: microTime(at),
  reportingController,
  reportingInstance: reportingInstance.slice(0, 128),
  action,
  type,
  reason,
  note: fitting(note),
  regarding,
});
