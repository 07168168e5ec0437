import type { PodRef } from '../domain/volume-facts.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Log } from '../runtime/log.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';

/** What the owner of a pod is told. Never a secret, nor anything of another tenant. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  /** A reason of src/api/reasons.ts. */
  readonly reason: string;
  readonly note: string;
}

/** Tells pods by events, as `kubectl describe pod` shows them. */
export interface PodEvents {
  /** Never waits and never fails: it is the last to matter. Tell only what has changed. */
  tell(pod: PodRef, event: PodEvent): void;
}

export interface PodEventsOptions {
  readonly kube: Pick<KubeClient, 'create'>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly metrics: Pick<GrantorMetrics, 'count'>;
  readonly node: string;
}

const eventKind: ResourceKind = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/** A node that all pods of lose their tokens tells a hundred and ten at once; twenty a second is what others send without being noticed. */
const spacing = milliseconds(50);
const mostWaiting = 1000;

/** Kubernetes takes no more, and counts bytes. */
const longestNote = 1024;

/** Cuts off what does not fit, and no character in half. */
function fitting(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= longestNote) return note;
  const kept = bytes.subarray(0, longestNote - Buffer.byteLength('…'));
  return `${kept.toString().replace(/\uFFFD+$/, '')}…`;
}

/** One event after the other, so that a node never floods the API server; when too many wait, the newest are dropped. */
export function createPodEvents({ kube, clock, rng, log, metrics, node }: PodEventsOptions): PodEvents {
  const waiting: KubeObject[] = [];
  let sending = false;

  const send = async (): Promise<void> => {
    sending = true;
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      const sent = await kube.create(eventKind, event);
      metrics.count('grantor_node_pod_events_total', { outcome: sent.ok ? 'Sent' : 'Failed' });
      if (!sent.ok) log.debug({ error: sent.error.message }, 'an event for a pod was not taken');
      await sleep(clock, spacing);
    }
    sending = false;
  };

  return {
    tell(pod, event) {
      if (waiting.length >= mostWaiting) {
        metrics.count('grantor_node_pod_events_total', { outcome: 'Dropped' });
        return;
      }
      waiting.push(eventObject(pod, event, new Date(clock.now()), rng.uuid(), node));
      if (!sending) void send();
    },
  };
}

function eventObject(pod: PodRef, { type, reason, note }: PodEvent, at: Date, id: string, node: string) {
  const { namespace, name, uid } = pod;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace, name: `${name.slice(0, 200).replace(/[-.]+$/, '')}.${id}` },
    // MicroTime.
    eventTime: at.toISOString().replace('Z', '000Z'),
    reportingController: 'csi.grantor.dev',
    reportingInstance: node.slice(0, 128),
    action: 'Mount',
    type,
    reason,
    note: fitting(note),
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
  } as const;
}
