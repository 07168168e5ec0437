import type { OAuthClient } from '../api/oauth-client.ts';
import type { RotationStatus } from '../api/rotation-field.ts';
import { minutes } from '../std/duration.ts';
import { earliest, formatInstant, type Instant, latest, plus } from '../std/instant.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ActionOf } from './client-plan.ts';
import type { CredentialRotation } from './credential.ts';
import {
  restsUntil,
  rotationDueAt,
  rotationOpensAt,
  rotationPolicyOf,
  rotationRequest,
} from './credential-policy.ts';
import type { RotationStep } from './credential-steps.ts';
import type { CredentialsSecret, RegistrationRecord } from './registration-record.ts';
import { believedLook, type ConsumerLook, describeStale, mayBeStale, nextLook } from './stale-consumers.ts';

/** What a rotation asks for next: a step now, or to be looked at again. */
export interface RotationPlan {
  readonly action?: ActionOf<'rotateCredentials' | 'lookForConsumers' | 'takeTurn'>;
  readonly requeueAt?: Instant;
  /** When the next step is due, as far as that is known. */
  readonly next?: Instant;
  /** What a step waits for, or will if it is not there in time. */
  readonly waitsFor?: string;
  /** It has waited for longer than it should. */
  readonly overdue?: boolean;
}

/**
 * The next step of a rotation, for a client that is registered as it is wanted and whose copy of the credential is the current one:
 * whoever comes here has nothing else left to do.
 */
export function planCredentialRotation(
  { client, issuer, consumers, rotationTurn }: ExistingClientFacts,
  record: RegistrationRecord,
  copy: CredentialsSecret,
  now: Instant,
): RotationPlan {
  const step = (what: RotationStep): RotationPlan => ({
    action: { kind: 'rotateCredentials', step: what, record },
  });
  switch (record.rotation?.phase) {
    // 1. The issuer holds both: from now on the new one is the credential.
    case 'Introducing':
      return step('promote');

    // 2. Consumers have had the time to read it, and those who cannot read it again are gone.
    case 'Overlapping': {
      const overlap = overlapOf(client, record.rotation, copy);
      const look = believedLook(consumers, copy, overlap.end, now);
      if (look === undefined) return { action: { kind: 'lookForConsumers', copy } };
      return isNeeded(overlap, look, now) ? waiting(overlap, look, now) : step('retire');
    }

    // 3. The issuer has forgotten the former one.
    case 'Retiring':
      return step('end');

    // 4. Somebody asks for another, or the present one is old.
    case undefined: {
      const isAsked = rotationRequest(client, record) !== undefined;
      const due = isAsked ? now : rotationDueAt(client, record);
      if (due === undefined) return {};
      const rested = latest(now, due, restsUntil(client, issuer, record));
      const opens = isAsked ? rested : rotationOpensAt(client, rested);
      if (opens > now) {
        return { ...at(opens), ...(due <= now ? { waitsFor: 'its maintenance window' } : {}) };
      }
      // As many as come due together go one after the other. A turn that was not used is over.
      if (rotationTurn === undefined || plus(rotationTurn, longestTurn) < now)
        return { action: { kind: 'takeTurn' } };
      return rotationTurn > now ? at(rotationTurn) : step('begin');
    }
  }
}

const longestTurn = minutes(5);

const at = (time: Instant): RotationPlan => ({ requeueAt: time, next: time });

/** For how long the former credential stays. */
interface Overlap {
  /** Until then for all. Counted from when the API server took the copy: before that nobody could have the new one. */
  readonly end: Instant;
  /** Until then for those who cannot read it again. */
  readonly patienceEnd: Instant;
  readonly onStaleConsumers: 'Keep' | 'Retire';
}

function overlapOf(
  client: OAuthClient,
  { since }: CredentialRotation,
  { writtenAt = since }: CredentialsSecret,
): Overlap {
  const { overlap, maxOverlap, onStaleConsumers } = rotationPolicyOf(client);
  const end = plus(latest(since, writtenAt), overlap);
  return { end, patienceEnd: latest(end, plus(since, maxOverlap)), onStaleConsumers };
}

/** Whether the former credential may still be needed. */
const isNeeded = (
  { end, patienceEnd, onStaleConsumers }: Overlap,
  look: ConsumerLook,
  now: Instant,
): boolean => now < end || (mayBeStale(look) && (now < patienceEnd || onStaleConsumers === 'Keep'));

function waiting(overlap: Overlap, look: ConsumerLook, now: Instant): RotationPlan {
  const { end, patienceEnd, onStaleConsumers } = overlap;
  if (!mayBeStale(look)) return at(end);
  const times = [end, patienceEnd, nextLook(look, end)].filter((at) => at > now);
  return {
    requeueAt: earliest(...times),
    ...(onStaleConsumers === 'Retire' ? { next: patienceEnd } : {}),
    waitsFor: describeStale(look),
    overdue: now >= patienceEnd,
  };
}

/** How a rotation stands, for the status of a client that has a credential of ours. */
export function rotationStatus(
  record: RegistrationRecord,
  { next, waitsFor }: RotationPlan,
): RotationStatus | undefined {
  const { rotation, credentialSince } = record;
  const status = {
    ...(rotation && { phase: rotation.phase, since: formatInstant(rotation.since) }),
    ...(next === undefined ? {} : { next: formatInstant(next) }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(credentialSince === undefined ? {} : { rotatedAt: formatInstant(credentialSince) }),
  };
  return Object.keys(status).length === 0 ? undefined : status;
}
