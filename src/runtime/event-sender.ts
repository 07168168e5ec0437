import type { KubeClient } from '../kube/kube-client.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds } from '../std/duration.ts';
import { createFairQueue } from '../std/fair-queue.ts';
import { orAborted } from '../std/or-aborted.ts';
import { type EventObject, eventKind } from './event-object.ts';
import type { Log } from './log.ts';
import type { Runnable } from './manager.ts';
import type { RuntimeMetrics } from './runtime-metrics.ts';

/** Brings events to the API server while it runs, beside everything else. */
export interface EventSender extends Runnable {
  /** Never waits and never fails: an event is the last to matter. */
  send(event: EventObject): void;
}

interface EventSenderOptions {
  readonly kube: Pick<KubeClient, 'create' | 'apply'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<RuntimeMetrics, 'count'>;
}

/** An issuer that goes away makes thousands of objects speak at once; twenty a second is what others send without being noticed. */
const spacing = milliseconds(50);
const mostOfNamespace = 1000;
const mostWaiting = 10_000;

/**
 * One event after the other, so that nobody floods the API server; of each namespace in turn, so that no tenant has the others unheard. When too
 * many wait, the newest are dropped. What is of the whole cluster goes first and is never dropped: there is little of it, and it explains the
 * rest.
 */
export function createEventSender({ kube, clock, log, metrics }: EventSenderOptions): EventSender {
  const ofCluster: EventObject[] = [];
  const others = createFairQueue<EventObject>(mostOfNamespace);
  let wake = (): void => {};

  const anyWaits = (signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    return orAborted(promise, signal).catch(() => {});
  };

  return {
    name: 'events',
    send(event) {
      const { namespace } = event.regarding;
      if (namespace === undefined) ofCluster.push(event);
      else if (others.size >= mostWaiting || !others.push(namespace, event))
        metrics.count('events_total', { outcome: 'Dropped' });
      wake();
    },
    async run(signal) {
      while (!signal.aborted) {
        const event = ofCluster.shift() ?? others.shift();
        if (event === undefined) {
          await anyWaits(signal);
          continue;
        }
        const sent = await (event.series === undefined
          ? kube.create(eventKind, event, { signal })
          : kube.apply(eventKind, event, { signal }));
        metrics.count('events_total', { outcome: sent.ok ? 'Sent' : 'Failed' });
        if (!sent.ok) log.debug({ error: sent.error.message }, 'an event was not taken');
        await sleep(clock, spacing, signal);
      }
    },
  };
}
