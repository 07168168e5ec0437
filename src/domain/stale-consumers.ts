import type { Json } from '../std/canonical-json.ts';
import { type Duration, hours, minutes } from '../std/duration.ts';
import { between, type Instant, instantIn, plus } from '../std/instant.ts';
import { hasEnded, itemsOf, type PodLike, textAt } from './pod-like.ts';
import type { CredentialsSecret } from './registration-record.ts';

/*
 * Who reads the copy of a credential from a file gets the new one by itself. An environment variable is what it was when its
 * container started: a pod that was created before the copy was written goes on with the former credential until it is replaced.
 */

/** What was last seen of the pods that take a copy by environment variable. */
export interface ConsumerLook {
  readonly at: Instant;
  /** Which version of the copy was looked for. */
  readonly resourceVersion: string;
  /** Names of pods that still have the former credential, a few of them. */
  readonly stale: readonly string[];
  /** Why it is not known, where it isn't: then there may be others. */
  readonly unknown?: string;
}

/** No more pods are named than this, and no more are looked for. */
export const mostStale = 5;

/**
 * Whether a pod still has what was in a Secret before it was written. Times are the API server's, in whole seconds: one created
 * within the same second counts as stale, and so does one that does not say when it was.
 */
export function isStaleConsumer(pod: PodLike, { name, writtenAt }: CredentialsSecret): boolean {
  if (hasEnded(pod) || !takesByEnvironment(pod.spec, name)) return false;
  const created = instantIn(pod.metadata.creationTimestamp);
  return created === undefined || writtenAt === undefined || created <= writtenAt;
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function takesByEnvironment(spec: Json | undefined, secret: string): boolean {
  const containers = containerLists.flatMap((list) => itemsOf(spec, list));
  return containers.some(
    (container) =>
      itemsOf(container, 'env').some((one) => textAt(one, 'valueFrom', 'secretKeyRef', 'name') === secret) ||
      itemsOf(container, 'envFrom').some((one) => textAt(one, 'secretRef', 'name') === secret),
  );
}

/** How often it is looked again whether pods were replaced: while there is time, and once only they are waited for, or nobody could see. */
const patience = { duringOverlap: hours(1), otherwise: minutes(5) } as const;

/** What is known of the pods: that none is stale never changes any more, all else is looked at again now and then. */
export function believedLook(
  look: ConsumerLook | undefined,
  { resourceVersion }: CredentialsSecret,
  overlapEnd: Instant,
  now: Instant,
): ConsumerLook | undefined {
  if (look === undefined || look.resourceVersion !== resourceVersion || look.at > now) return undefined;
  if (!mayBeStale(look)) return look;
  return between(look.at, now) < waitAfter(look, overlapEnd) ? look : undefined;
}

/** When that is. */
export const nextLook = (look: ConsumerLook, overlapEnd: Instant): Instant =>
  plus(look.at, waitAfter(look, overlapEnd));

const waitAfter = ({ at, unknown }: ConsumerLook, overlapEnd: Instant): Duration =>
  at < overlapEnd && unknown === undefined ? patience.duringOverlap : patience.otherwise;

/** Whether somebody may still need the former credential. */
export const mayBeStale = ({ stale, unknown }: ConsumerLook): boolean =>
  stale.length > 0 || unknown !== undefined;

/** What is waited for, for a status. */
export function describeStale({ stale, unknown }: ConsumerLook): string {
  const names = stale.length > mostStale ? [...stale.slice(0, mostStale), 'others'] : stale;
  const what =
    stale.length > 0
      ? `pods that took the former credential by environment variable, to be restarted: ${names.join(', ')}`
      : `it is not known which pods took the former credential by environment variable: ${unknown}`;
  return what.slice(0, 1024);
}
