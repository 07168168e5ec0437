import { fractionOf } from '../std/digest.ts';
import { type Duration, milliseconds } from '../std/duration.ts';
import { earliest, type Instant } from '../std/instant.ts';
import { retryAt } from './attempt.ts';
import { allowedConditions, refusedConditions } from './binding-conditions.ts';
import type { BindingFacts } from './binding-facts.ts';
import { bindingGrant } from './binding-grant.ts';
import { attemptAt, type BindingPlan, endOf, issueFingerprint, withdrawn } from './binding-plan.ts';
import { bindingViolations } from './binding-rules.ts';
import { grantHash } from './grant.ts';
import { planMalformed, planUnreadable } from './plan-unreadable-binding.ts';
import { believed, isFromTheFuture, renewalOf, spreadOf } from './rotation.ts';

/** Decides what happens next for one binding. Reading the function from top to bottom is reading the policy. */
export function planBinding(facts: BindingFacts, now: Instant): BindingPlan {
  const { binding, secret } = facts;
  const [stray] = facts.strays;

  // 0. One that cannot be read is not one that is gone.
  if (facts.malformed !== undefined) return planMalformed(facts, facts.malformed, now);

  // 1. A binding that is gone leaves no token behind.
  if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) {
    return withdrawn(secret ?? stray, 'deleted', []);
  }

  // 2. What policy forbids is refused in full, told in full, and nothing is sent to the issuer.
  const violations = bindingViolations({ ...facts, binding });
  if (violations.length > 0) {
    const left = secret ?? stray;
    // What somebody else has removed meanwhile could be removed.
    const unremoved = left && facts.attempt?.fingerprint === 'withdraw' ? facts.attempt.failure : undefined;
    return { ...withdrawn(left, 'not allowed', refusedConditions(violations, unremoved)), violations };
  }

  // 3. What cannot be read is neither a yes nor a no: the token that is there lives out its life.
  if (facts.unreadable !== undefined) return planUnreadable(facts, facts.unreadable, now);

  // 4. In a namespace that is going away nothing can be created.
  if (facts.namespaceTerminating) return { conditions: [] };

  const spread = fractionOf(binding.metadata.uid);
  const delivered = secret?.delivered && believed(secret.delivered, maxLifetimeOf(facts), now);
  const renewal =
    delivered && !isFromTheFuture(delivered, now)
      ? renewalOf(delivered, binding.spec.rotation, spreadOf(binding.metadata.uid, delivered.generation))
      : undefined;
  const granted = bindingGrant({ ...facts, binding });
  const hash = granted.ok ? grantHash(granted.value) : undefined;
  const alive = delivered !== undefined && delivered.expiresAt > now;
  const attempt = hash === undefined ? undefined : attemptAt(hash, binding, alive, facts.attempt);
  const heldBackUntil = attempt && retryAt(attempt, spread, now, delivered?.expiresAt);
  const obstacle = granted.ok ? attempt?.failure : granted.error;
  // A token of an earlier grant is late from the start: it is not what the spec asks for.
  const onTime = hash === undefined || delivered?.grantHash === hash ? renewal : undefined;
  const conditions = allowedConditions({ binding, delivered, renewal: onTime, obstacle, now });

  // 5. An earlier binding of this name left its token where ours goes.
  const predecessor = facts.strays.find(({ name }) => name === binding.spec.delivery.secretRef.name);
  if (predecessor) return withdrawn(predecessor, 'recreated', conditions);

  // 6. Ask for a token when there is none for this grant or when its renewal is due, but not sooner than a failure allows.
  const due = delivered?.grantHash !== hash || renewal === undefined || renewal.renewAt <= now;
  if (granted.ok && hash !== undefined && due && (heldBackUntil === undefined || heldBackUntil <= now)) {
    const renewed = delivered?.grantHash === hash ? delivered : undefined;
    const generation = (renewed?.generation ?? 0) + 1;
    const dueAt = renewed && renewal?.renewAt;
    const fingerprint = issueFingerprint(hash, binding, alive);
    const what = { grant: granted.value, grantHash: hash, generation, dueAt, replaces: secret };
    return { action: { kind: 'issue', fingerprint, ...what }, conditions };
  }

  // 7. An expired token that could not be renewed is not served, wherever it lies, unless the binding says otherwise.
  if (!alive && binding.spec.rotation.onExpiry === 'Remove') {
    const expired = secret ?? facts.strays.find((one) => endOf(one, now) <= now);
    if (expired) return withdrawn(expired, 'expired', conditions);
  }

  // 8. A token is in one place: what lies under an earlier name goes once the new one is there.
  if (alive && stray) return withdrawn(stray, 'delivered elsewhere', conditions);

  // 9. Otherwise wait: for the renewal or the next try, and for the moments at which a token becomes late and ends.
  const ends = [delivered?.expiresAt, ...facts.strays.map((one) => endOf(one, now))];
  const wakeUps = due ? [heldBackUntil, renewal?.lateAt, ...ends] : [renewal.renewAt];
  const next = wakeUps.filter((at): at is Instant => at !== undefined && at > now);
  return next.length > 0 ? { conditions, requeueAt: earliest(...next) } : { conditions };
}

/** The longest life that a token of this tenant can have, whatever an annotation says. */
const maxLifetimeOf = ({ tenancy }: BindingFacts): Duration =>
  tenancy.kind === 'tenant' ? tenancy.scope.spec.tokens.maxLifetime : milliseconds(0);
