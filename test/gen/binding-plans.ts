import type { ActionFailure, FailedAttempt } from '../../src/domain/attempt.ts';
import type { BindingFacts, TokenSecret } from '../../src/domain/binding-facts.ts';
import { bindingGrant } from '../../src/domain/binding-grant.ts';
import { type BindingPlan, issueFingerprint } from '../../src/domain/binding-plan.ts';
import { grantHash } from '../../src/domain/grant.ts';
import { planBinding } from '../../src/domain/plan-binding.ts';
import { renewalOf, spreadOf } from '../../src/domain/rotation.ts';
import { minutes } from '../../src/std/duration.ts';
import { type Instant, plus } from '../../src/std/instant.ts';
import { aTokenSecret, bindingFacts, now } from './facts.ts';
import { aBinding } from './objects.ts';

const binding = aBinding();
const granted = bindingGrant({ ...bindingFacts(), binding });
const hash = granted.ok ? grantHash(granted.value) : '';
const spread = spreadOf(binding.metadata.uid, 3);

/** The Secret of the usual binding with a token of ten minutes of an earlier generation. */
export const issuedAt = (
  at: Instant,
  change: Partial<NonNullable<TokenSecret['delivered']>> = {},
): TokenSecret =>
  aTokenSecret({
    delivered: { issuedAt: at, expiresAt: plus(at, minutes(10)), generation: 3, grantHash: hash, ...change },
  });

/** A token of ten minutes that was issued at `now`. */
export const fresh = issuedAt(now);
/** When that one is renewed, and from when on it is late. */
export const { renewAt, lateAt } = renewalOf(fresh.delivered as never, binding.spec.rotation, spread);
export const expiresAt = plus(now, minutes(10));

/** A failure to get the token that is wanted. */
export const failed = (change: Partial<ActionFailure> = {}, at: Instant = now): FailedAttempt => ({
  fingerprint: issueFingerprint(hash, binding, true),
  failure: { reason: 'IssuerUnavailable', message: 'token request: no answer', retry: 'soon', ...change },
  at,
  count: 1,
});

/** What the plan says, in a line: action, Ready with its reason, and when to look again. */
function told(plan: BindingPlan, at: Instant): string {
  const { action, conditions, requeueAt } = plan;
  const what =
    action === undefined
      ? 'wait'
      : action.kind === 'issue'
        ? `issue ${action.generation}`
        : action.kind === 'withdraw'
          ? `withdraw ${action.because}`
          : action.kind;
  const ready = conditions.find(({ type }) => type === 'Ready');
  const again = requeueAt === undefined ? '' : ` again in ${Math.round((requeueAt - at) / 1000)}s`;
  return `${what}, ${ready ? `${ready.status} ${ready.reason}` : 'tells nothing'}${again}`;
}

/** The plan for the usual binding with these differences, in a line. */
export const plan = (facts: Partial<BindingFacts>, at: Instant = now): string =>
  told(planBinding(bindingFacts(facts), at), at);
