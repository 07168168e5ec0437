import type { Reason } from '../api/reasons.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import { formatInstant, type Instant, plus } from '../std/instant.ts';
import { beingRevoked, refusedConditions, type Unremoved, unremoved } from './binding-conditions.ts';
import type { ExistingBindingFacts, TokenSecret } from './binding-facts.ts';
import type { BindingPlan } from './binding-plan.ts';
import type { Refusal } from './binding-verdict.ts';
import { durationIn } from './grant-status.ts';
import { issuerHas } from './issuer-usable.ts';
import { takenAway } from './plan-taking-away.ts';
import type { Violation } from './violation.ts';
import { type Withdrawal, withdrawalStatus } from './withdrawal.ts';

/** A binding that is not allowed, or not any more: it loses what it has, is told everything at once, and gets nothing. */
export function planRefusedBinding(
  facts: ExistingBindingFacts,
  { violations, withdrawal }: Refusal,
  now: Instant,
): BindingPlan {
  const { binding, secret, strays } = facts;
  const left = secret ?? strays[0];
  const byClient = goesWithClient(facts, violations);
  const before = binding.status?.withdrawal;
  const step = left ? takenAway(facts, left, 'not allowed', byClient, now) : {};
  const conditions = refusedConditions(binding, violations, left && whyStillThere(facts, step));
  // Whose token it is stays known until it is gone: who takes over meanwhile revokes it as well.
  const plan = { ...step, conditions, violations, grant: left && binding.status?.grant };
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

/** What takes its client's rights away too. */
const ofClient: ReadonlySet<string> = new Set<Reason>([
  'NoTenantScope',
  'TenantScopeOverlap',
  'TenantIDTaken',
  'Suspended',
  'IssuerGoing',
  'ClientNotAllowed',
]);

/** Whether the client loses its rights as well, at an issuer that then ends all its tokens at once. */
const goesWithClient = ({ issuer }: ExistingBindingFacts, violations: readonly Violation[]): boolean =>
  issuer !== undefined &&
  issuerHas(issuer, 'RevokeAll') &&
  violations.some(({ reason }) => ofClient.has(reason));

function revocationOf(
  { revocations, client, binding }: ExistingBindingFacts,
  byClient: boolean,
  { startedAt: since }: Withdrawal,
): 'Confirmed' | 'Unconfirmed' {
  if (byClient) return client?.status?.withdrawal?.revocation ?? 'Unconfirmed';
  // Tokens in volumes are in no Secret that they could be revoked from: they end by themselves.
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
