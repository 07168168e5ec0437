import { fractionOf } from '../std/digest.ts';
import type { Duration } from '../std/duration.ts';
import { earliest, type Instant, instantIn } from '../std/instant.ts';
import { retryAt } from './attempt.ts';
import { grantedConditions } from './binding-conditions.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import { attemptAt, type BindingPlan, endOf, issueFingerprint, withdrawn } from './binding-plan.ts';
import type { GrantedVerdict } from './binding-verdict.ts';
import { grantHash } from './grant.ts';
import { durationIn } from './grant-status.ts';
import { believed, isFromTheFuture, renewalOf, spreadOf, type TokenLife } from './rotation.ts';

/** A binding that is allowed, or was until a moment ago and may be again: it gets its token, and keeps it new. */
export function planGrantedBinding(
  facts: ExistingBindingFacts,
  secretName: string,
  { grant: granted, countdown }: GrantedVerdict,
  now: Instant,
): BindingPlan {
  const { binding, secret } = facts;
  const [stray] = facts.strays;
  const spread = fractionOf(binding.metadata.uid);
  const delivered = secret?.delivered && believed(secret.delivered, maxLifetimeOf(facts), now);
  const renewal =
    delivered && !isFromTheFuture(delivered, now)
      ? renewalOf(delivered, binding.spec.rotation, spreadOf(binding.metadata.uid, delivered.generation))
      : undefined;
  const hash = granted.ok ? grantHash(granted.value) : undefined;
  const alive = delivered !== undefined && delivered.expiresAt > now;
  const attempt = hash === undefined ? undefined : attemptAt(hash, binding, alive, facts.attempt);
  const heldBackUntil = attempt && retryAt(attempt, spread, now, delivered?.expiresAt);
  const obstacle = granted.ok ? attempt?.failure : granted.error;
  // A token of an earlier grant is late from the start: it is not what the spec asks for.
  const isCurrent =
    delivered !== undefined && delivered.grantHash === hash && !isRevoked(facts, delivered, now);
  const onTime = hash === undefined || isCurrent ? renewal : undefined;
  const progress = { binding, secretName, delivered, renewal: onTime, obstacle, countdown, now };
  const conditions = grantedConditions(progress);

  // An earlier binding of this name left its token where ours goes.
  const predecessor = facts.strays.find(({ name }) => name === secretName);
  if (predecessor) return withdrawn(predecessor, 'recreated', conditions);

  // What another hand has changed is not what was granted: it goes, and a token is asked for anew.
  const tampered = [secret, ...facts.strays].find((one) => one?.tampered);
  if (tampered) {
    const fingerprint = hash === undefined ? 'discard' : issueFingerprint(hash, binding, false);
    return { action: { kind: 'discard', secret: tampered, fingerprint }, conditions };
  }

  // Ask for a token when there is none for this grant or when its renewal is due, but not sooner than a failure allows.
  const due = !isCurrent || renewal === undefined || renewal.renewAt <= now;
  if (granted.ok && hash !== undefined && due && (heldBackUntil === undefined || heldBackUntil <= now)) {
    const renewed = isCurrent ? delivered : undefined;
    const generation = (renewed?.generation ?? 0) + 1;
    const dueAt = renewed && renewal?.renewAt;
    const fingerprint = issueFingerprint(hash, binding, alive);
    const what = { secretName, grant: granted.value, grantHash: hash, generation, dueAt, replaces: secret };
    // However long that takes, what was granted stays no longer.
    const until = countdown && { requeueAt: countdown.withdrawal.effectiveAt };
    return { action: { kind: 'issue', fingerprint, ...what }, conditions, ...until };
  }

  // An expired token that could not be renewed is not served, wherever it lies, unless the binding says otherwise.
  if (!alive && binding.spec.rotation.onExpiry === 'Remove') {
    const expired = secret ?? facts.strays.find((one) => endOf(one, now) <= now);
    if (expired) return withdrawn(expired, 'expired', conditions);
  }

  // A token is in one place: what lies under an earlier name goes once the new one is there.
  if (alive && stray) return withdrawn(stray, 'delivered elsewhere', conditions);

  // Otherwise wait: for the renewal or the next try, and for the moments at which a token becomes late and ends.
  const ends = [delivered?.expiresAt, ...facts.strays.map((one) => endOf(one, now))];
  const wakeUps = due ? [heldBackUntil, renewal?.lateAt, ...ends] : [renewal.renewAt];
  // Or until what may be an accident turns out to be none.
  if (countdown) wakeUps.push(countdown.withdrawal.effectiveAt);
  const next = wakeUps.filter((at): at is Instant => at !== undefined && at > now);
  return next.length > 0 ? { conditions, requeueAt: earliest(...next) } : { conditions };
}

/**
 * Whether a token was revoked, by itself or with all others of its client, or is being revoked: what that was for may be lifted before its
 * Secret is gone.
 */
function isRevoked(
  { client, secret, revocations }: ExistingBindingFacts,
  life: TokenLife,
  now: Instant,
): boolean {
  if (secret && revocations.get(secret.uid)?.resourceVersion === secret.resourceVersion) return true;
  const revokedAt = instantIn(client?.status?.tokensRevokedAt);
  return revokedAt !== undefined && revokedAt <= now && life.issuedAt < revokedAt;
}

/** The longest life that a token here can have, whatever an annotation says. */
const maxLifetimeOf = ({ tenancy, binding }: ExistingBindingFacts): Duration =>
  tenancy.kind === 'tenant'
    ? tenancy.scope.spec.tokens.maxLifetime
    : durationIn(binding.status?.grant?.maxLifetime);
