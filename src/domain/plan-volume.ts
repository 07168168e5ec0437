import { fractionOf } from '../std/digest.ts';
import type { Duration } from '../std/duration.ts';
import { between, earliest, type Instant, instantIn } from '../std/instant.ts';
import { type FailedAttempt, retryAt } from './attempt.ts';
import { attemptAt, issueFingerprint } from './binding-plan.ts';
import type { Grant } from './grant.ts';
import { durationIn } from './grant-status.ts';
import { believed, isFromTheFuture, type Renewal, renewalOf, spreadOf } from './rotation.ts';
import type { VolumeFacts, VolumeToken } from './volume-facts.ts';
import { type VolumeVerdict, volumeVerdict } from './volume-verdict.ts';

export type VolumeAction =
  /** Obtain a token and put it into the volume: the next generation, or the first. */
  | {
      readonly kind: 'obtain';
      readonly fingerprint: string;
      readonly grant: Grant;
      readonly grantHash: string;
      readonly generation: number;
      /** Since when a successor of the delivered token is due; left out for the first of a series. */
      readonly dueAt: Instant | undefined;
    }
  /** Take the files away. What is mounted stays mounted, and is empty. */
  | { readonly kind: 'clear'; readonly fingerprint: 'clear'; readonly because: string };

/** What is wrong with a volume that a pod has, for an event on the pod. */
export interface VolumeTrouble {
  readonly reason: string;
  readonly message: string;
}

/**
 * What a pod finds in its volume: a token that is good; one that is good and late to be renewed; one that has expired; nothing.
 */
export type VolumeContent = 'Fresh' | 'Late' | 'Expired' | 'Empty';

export interface VolumePlan {
  readonly action?: VolumeAction | undefined;
  readonly verdict: VolumeVerdict;
  readonly content: VolumeContent;
  readonly trouble?: VolumeTrouble | undefined;
  /** When to look again though nothing changed. */
  readonly wakeAt?: Instant | undefined;
}

/** Decides what happens next for one volume. Reading the function from top to bottom is reading the policy. */
export function planVolume(facts: VolumeFacts, now: Instant): VolumePlan {
  const { binding } = facts;
  const verdict = volumeVerdict(facts, now);
  const delivered = facts.delivered && believed(facts.delivered, longestLifeOf(facts, facts.delivered), now);
  const isAlive = delivered !== undefined && delivered.expiresAt > now;
  const told = tellOf(facts, verdict, delivered, now);

  // 1. What is not the pod's goes, and so does what an earlier binding of this name left.
  if (delivered && verdict.kind === 'withdrawn') return clear(facts, 'withdrawn', told, now);
  if (delivered && binding && delivered.bindingUID !== binding.metadata.uid)
    return clear(facts, 'recreated', told, now);

  // 2. An expired token is not served, however soon the next one may come, unless the binding says otherwise.
  if (delivered && !isAlive && binding?.spec.rotation.onExpiry !== 'Keep')
    return clear(facts, 'expired', told, now);

  // 3. What is not granted at the moment is not asked for; what is there stays, until what may be an accident turns out to be none.
  const until = instantIn(binding?.status?.withdrawal?.effectiveAt);
  const ends = [told.renewal?.lateAt, delivered?.expiresAt, until];
  if (verdict.kind !== 'granted' || binding === undefined) return { ...told.plan, wakeAt: next(ends, now) };

  // 4. A token is asked for when there is none for this grant or when its renewal is due, but not sooner than a failure allows.
  const { grant, grantHash } = verdict;
  const { renewal, isCurrent, attempt } = told;
  const isDue = !isCurrent || renewal === undefined || renewal.renewAt <= now;
  const heldBackUntil = attempt && retryAt(attempt, fractionOf(facts.volumeID), now, delivered?.expiresAt);
  // Whatever comes of it, what may not be served any longer has its moment.
  const wakeAt = next(isDue ? [heldBackUntil, ...ends] : [renewal.renewAt, until], now);
  if (!isDue || (heldBackUntil !== undefined && heldBackUntil > now)) return { ...told.plan, wakeAt };
  const action = {
    kind: 'obtain',
    fingerprint: issueFingerprint(grantHash, binding, isAlive),
    grant,
    grantHash,
    generation: ((isCurrent && delivered?.generation) || 0) + 1,
    dueAt: isCurrent ? renewal?.renewAt : undefined,
  } as const;
  return { ...told.plan, action, wakeAt };
}

/** What is known of the token that is there, and what to tell of it. */
interface Told {
  readonly plan: Pick<VolumePlan, 'verdict' | 'content' | 'trouble'>;
  readonly renewal: Renewal | undefined;
  /** Whether it is the one that is granted. */
  readonly isCurrent: boolean;
  /** The failure that holds back an attempt at the next one. */
  readonly attempt: FailedAttempt | undefined;
}

function tellOf(
  facts: VolumeFacts,
  verdict: VolumeVerdict,
  delivered: VolumeToken | undefined,
  now: Instant,
): Told {
  const { binding } = facts;
  const isAlive = delivered !== undefined && delivered.expiresAt > now;
  const hash = verdict.kind === 'granted' ? verdict.grantHash : undefined;
  const isCurrent =
    delivered !== undefined && delivered.grantHash === hash && !isRevoked(facts, delivered, now);
  const renewal =
    delivered && binding && !isFromTheFuture(delivered, now)
      ? renewalOf(delivered, binding.spec.rotation, spreadOf(facts.volumeID, delivered.generation))
      : undefined;
  const attempt =
    hash === undefined || binding === undefined
      ? undefined
      : attemptAt(hash, binding, isAlive, facts.attempt);
  const obstacle = verdict.kind === 'granted' ? attempt?.failure : verdict;
  // A renewal that fails is only being tried again until it is late; a token of an earlier grant is late from the start.
  const isLate = (verdict.kind === 'granted' && !isCurrent) || (renewal?.lateAt ?? now) <= now;
  const isWrong = obstacle !== undefined && (!isAlive || verdict.kind === 'withdrawn' || isLate);
  const trouble =
    isWrong && !isOfTheStart(facts, verdict)
      ? { reason: obstacle.reason, message: obstacle.message }
      : undefined;
  const content = !delivered ? 'Empty' : !isAlive ? 'Expired' : isWrong ? 'Late' : 'Fresh';
  return { plan: { verdict, content, trouble }, renewal, isCurrent, attempt };
}

/** What a plug-in that has just started waits for is no trouble that anybody should hear of. */
const isOfTheStart = ({ synced, proof }: VolumeFacts, verdict: VolumeVerdict): boolean =>
  verdict.kind === 'pending' &&
  (!synced || (verdict.reason === 'PodTokenAwaited' && proof.kind === 'awaited'));

/** A plan that takes the files away, or waits after that failed. */
function clear(
  { attempt, volumeID }: VolumeFacts,
  because: string,
  { plan }: Told,
  now: Instant,
): VolumePlan {
  const failed = attempt?.fingerprint === 'clear' ? attempt : undefined;
  const againAt = failed && retryAt(failed, fractionOf(volumeID), now);
  if (againAt !== undefined && againAt > now) return { ...plan, wakeAt: againAt };
  return { ...plan, action: { kind: 'clear', fingerprint: 'clear', because } };
}

const next = (times: readonly (Instant | undefined)[], now: Instant): Instant | undefined => {
  const ahead = times.filter((at): at is Instant => at !== undefined && at > now);
  return ahead.length === 0 ? undefined : earliest(...ahead);
};

/** Whether a token was revoked with all others of its client: what that was for may be over before its files are gone. */
function isRevoked({ client }: VolumeFacts, { issuedAt }: VolumeToken, now: Instant): boolean {
  const revokedAt = instantIn(client?.status?.tokensRevokedAt);
  return revokedAt !== undefined && revokedAt <= now && issuedAt < revokedAt;
}

/** The longest that a token can live, whatever is remembered of it. */
const longestLifeOf = ({ binding }: VolumeFacts, { issuedAt, expiresAt }: VolumeToken): Duration => {
  const granted = binding?.status?.grant;
  return granted === undefined ? between(issuedAt, expiresAt) : durationIn(granted.maxLifetime);
};
