import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import { formatInstant, type Instant, plus } from '../std/instant.ts';
import { beingRevoked, refusedConditions, type Unremoved, unremoved } from './binding-conditions.ts';
import type { ExistingBindingFacts, TokenSecret } from './binding-facts.ts';
import type { BindingPlan } from './binding-plan.ts';
import type { Refusal } from './binding-verdict.ts';
import { goesWithClient } from './goes-with-client.ts';
import { durationIn } from './grant-status.ts';
import { perhapsLeft } from './plan-out-of-reach.ts';
import { takenAway } from './plan-taking-away.ts';
import { type Withdrawal, withdrawalStatus } from './withdrawal.ts';

/** A binding that is not allowed, or not any more: it loses what it has, is told everything at once, and gets nothing. */
export function planRefusedBinding(
  facts: ExistingBindingFacts,
  { violations, withdrawal }: Refusal,
  now: Instant,
): BindingPlan {
  const { binding, secret, strays } = facts;
  const left = secret ?? strays[0];
  const reasons = violations.map(({ reason }) => reason);
  const byClient = goesWithClient(facts.issuer, reasons);
  const before = binding.status?.withdrawal;
  const step = left ? takenAway(facts, left, 'not allowed', byClient, now) : {};
  const hidden = left ? undefined : perhapsLeft(facts);
  const conditions = refusedConditions(binding, violations, left ? whyStillThere(facts, step) : hidden);
  // Whose token it is stays known until it is gone: who takes over meanwhile, or finds it again, revokes it as well.
  const plan = { ...step, conditions, violations, grant: (left ?? hidden) && binding.status?.grant };
  // What never had anything loses nothing.
  if (!before && !binding.status?.grant && !left) return plan;
  const told: WithdrawalStatus = {
    ...withdrawalStatus(withdrawal),
    revocation: before?.revocation === 'Confirmed' ? 'Confirmed' : revocationOf(facts, byClient, withdrawal),
    exposedUntil: before?.exposedUntil ?? formatInstant(exposedUntil(facts, left, withdrawal.effectiveAt)),
  };
  return { ...plan, withdrawal: told };
}

/** What somebody else has removed meanwhile could be removed, so this is asked only of what is there. */
function whyStillThere(
  { attempt }: ExistingBindingFacts,
  { requeueAt }: Pick<BindingPlan, 'requeueAt'>,
): Unremoved | undefined {
  return requeueAt === undefined ? unremoved(attempt) : beingRevoked;
}

function revocationOf(
  { revocations, client, binding }: ExistingBindingFacts,
  byClient: boolean,
  { startedAt: since }: Withdrawal,
): 'Confirmed' | 'Unconfirmed' {
  if (byClient) return client?.status?.withdrawal?.revocation ?? 'Unconfirmed';
  // Those in volumes are revoked by their nodes, each of which knows of its own.
  if (binding.spec.delivery === undefined) return 'Unconfirmed';
  const outcomes = [...revocations.values()]
    // An earlier withdrawal was about other tokens.
    .filter(({ startedAt }) => startedAt >= since)
    .map(({ outcome }) => outcome);
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'Confirmed')
    ? 'Confirmed'
    : 'Unconfirmed';
}

/** No token was given after it was to be taken away, and none lives longer than it was to. */
const exposedUntil = (
  { binding }: ExistingBindingFacts,
  left: TokenSecret | undefined,
  effectiveAt: Instant,
): Instant => {
  const granted = binding.status?.grant;
  if (granted !== undefined) return plus(effectiveAt, durationIn(granted.maxLifetime));
  return left?.delivered?.expiresAt ?? effectiveAt;
};
