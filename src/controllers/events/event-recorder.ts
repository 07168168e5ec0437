import type { ToldEvent } from '../../domain/told-event.ts';
import {
  type EventObject,
  eventObject,
  microTime,
  type ObjectReference,
  type Reporter,
} from '../../runtime/event-object.ts';
import type { EventSender } from '../../runtime/event-sender.ts';
import type { RuntimeMetrics } from '../../runtime/runtime-metrics.ts';
import type { Clock } from '../../std/clock.ts';
import { minutes } from '../../std/duration.ts';
import { between, type Instant } from '../../std/instant.ts';
import type { Rng } from '../../std/rng.ts';
import { type Rate, refill, type TokenBucket, take } from '../../std/token-bucket.ts';

/** Tells the owners of our objects by events, as `kubectl describe` shows them. */
export interface Events {
  /** Never waits and never fails. Tell only what has changed. */
  tell(about: ObjectReference, event: ToldEvent): void;
}

interface EventRecorderOptions {
  readonly sender: Pick<EventSender, 'send'>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly metrics: Pick<RuntimeMetrics, 'count'>;
  /** Of this process among those that may lead. */
  readonly instance: string;
}

/** What has been told of one object. */
interface Spoken {
  readonly bucket: TokenBucket;
  /** By type, reason and note. */
  readonly last: Map<string, { readonly object: EventObject; readonly at: Instant }>;
}

/** As client-go has it: who comes and goes without end is told of now and then. */
const perObject: Rate = { burst: 25, requestsPerSecond: 1 / 300 };
/** The same again within this time of the last is the same event, once more. */
const isOneSeriesFor = minutes(10);
/** Objects of which is known what was told; of the one that was silent for longest it is forgotten first. */
const mostRemembered = 4096;

/**
 * In the name of the controller. What was told before is counted up in the event that there is, and no object gets more than its share: one
 * that flaps does not fill etcd. Kept in memory, since what is told only when something changes is not told again by the next process.
 */
export function createEventRecorder(options: EventRecorderOptions): Events {
  const { sender, clock, rng, metrics, instance } = options;
  const reporter: Reporter = { reportingController: 'grantor.dev/controller', reportingInstance: instance };
  const spoken = new Map<string, Spoken>();

  const remember = (uid: string, now: Spoken): void => {
    spoken.delete(uid);
    spoken.set(uid, now);
    const [oldest] = spoken.keys();
    if (spoken.size > mostRemembered && oldest !== undefined) spoken.delete(oldest);
  };

  return {
    tell(about, event) {
      const now = clock.now();
      const before = spoken.get(about.uid);
      const bucket = take(refill(before?.bucket ?? { tokens: perObject.burst, at: now }, perObject, now));
      if (bucket === undefined) {
        metrics.count('events_total', { outcome: 'Dropped' });
        return;
      }
      const last: Spoken['last'] = before?.last ?? new Map();
      for (const [key, { at }] of last) if (between(at, now) > isOneSeriesFor) last.delete(key);
      const key = [event.type, event.reason, event.note].join('\n');
      const told = last.get(key)?.object;
      const object = told
        ? { ...told, series: { count: (told.series?.count ?? 1) + 1, lastObservedTime: microTime(now) } }
        : eventObject(about, { ...event, action: 'Reconcile' }, reporter, now, rng.uuid());
      last.set(key, { object, at: now });
      remember(about.uid, { bucket, last });
      sender.send(object);
    },
  };
}
