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

/** An event as it was last told. */
interface Told {
  readonly object: EventObject;
  readonly at: Instant;
}

/** As client-go has it: who comes and goes without end is told of now and then. */
const perObject: Rate = { burst: 25, requestsPerSecond: 1 / 300 };
/** The same again within this time of the last is the same event, once more. */
const isOneSeriesFor = minutes(10);
/** So many events, and the shares of so many objects, are known; what was silent for longest is forgotten first. */
const mostRemembered = 4096;

/**
 * In the name of the controller. What was told before is counted up in the event that there is, and no object gets more than its share: one
 * that flaps does not fill etcd. Kept in memory, since what is told only when something changes is not told again by the next process.
 */
export function createEventRecorder(options: EventRecorderOptions): Events {
  const { sender, clock, rng, metrics, instance } = options;
  const reporter: Reporter = { reportingController: 'grantor.dev/controller', reportingInstance: instance };
  const shares = new Map<string, TokenBucket>();
  /** By object, type, reason and note. */
  const told = new Map<string, Told>();

  return {
    tell(about, event) {
      const now = clock.now();
      const share = shares.get(about.uid) ?? { tokens: perObject.burst, at: now };
      const rest = take(refill(share, perObject, now));
      if (rest === undefined) {
        metrics.count('events_total', { outcome: 'Dropped' });
        return;
      }
      remember(shares, about.uid, rest);
      const another = eventObject(about, { ...event, action: 'Reconcile' }, reporter, now, rng.uuid());
      const key = [about.uid, another.type, another.reason, another.note].join('\n');
      const last = told.get(key);
      const object =
        last !== undefined && between(last.at, now) <= isOneSeriesFor ? onceMore(last.object, now) : another;
      remember(told, key, { object, at: now });
      sender.send(object);
    },
  };
}

const onceMore = (event: EventObject, now: Instant): EventObject => ({
  ...event,
  series: { count: (event.series?.count ?? 1) + 1, lastObservedTime: microTime(now) },
});

function remember<T>(all: Map<string, T>, key: string, latest: T): void {
  all.delete(key);
  all.set(key, latest);
  const [oldest] = all.keys();
  if (all.size > mostRemembered && oldest !== undefined) all.delete(oldest);
}
