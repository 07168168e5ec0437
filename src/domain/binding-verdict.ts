import type { GrantStatus } from '../api/grant-field.ts';
import { milliseconds } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { ActionFailure } from './attempt.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import { bindingGrant, loginObstacle } from './binding-grant.ts';
import { bindingViolations } from './binding-rules.ts';
import type { Grant } from './grant.ts';
import { durationIn, grantedBefore, grantStatus } from './grant-status.ts';
import type { Violation } from './violation.ts';
import { isEffective, type Withdrawal, withdrawalOf } from './withdrawal.ts';

/** What policy says of a binding at a moment. */
export type BindingVerdict = GrantedVerdict | ({ readonly kind: 'refused' } & Refusal);

/** Allowed; or refused, perhaps by accident, so that what was granted before stays for a while. */
export interface GrantedVerdict {
  readonly kind: 'granted';
  /** What tokens are asked for with, or what is still missing for it. */
  readonly grant: Result<Grant, ActionFailure>;
  /** The same as the status tells it. What is only incomplete at the moment leaves there what it was. */
  readonly status: GrantStatus | undefined;
  readonly countdown?: Refusal;
}

/** Everything that is wrong, and when the binding loses what it has. */
export interface Refusal {
  readonly violations: readonly [Violation, ...Violation[]];
  readonly withdrawal: Withdrawal;
}

/** Asks every rule. */
export function bindingVerdict(facts: ExistingBindingFacts, now: Instant): BindingVerdict {
  const { status } = facts.binding;
  const [first, ...others] = bindingViolations(facts);
  if (first === undefined) return allowed(facts);
  const violations = [first, ...others] as const;
  // What is of another tenant goes in any case, and waits for nobody's accidents.
  const delay = isForeign(facts) ? milliseconds(0) : durationIn(status?.grant?.withdrawalDelay);
  const withdrawal = withdrawalOf(violations, status?.withdrawal, delay, now);
  if (isEffective(withdrawal, now)) return { kind: 'refused', violations, withdrawal };
  return {
    kind: 'granted',
    grant: goneBackTo(facts, first),
    status: status?.grant,
    countdown: { violations, withdrawal },
  };
}

function allowed(facts: ExistingBindingFacts): BindingVerdict {
  const { tenancy, client, issuer, binding } = facts;
  const grant = bindingGrant(facts);
  const before = binding.status?.grant;
  if (!grant.ok || tenancy.kind !== 'tenant' || client === undefined || issuer === undefined)
    return { kind: 'granted', grant, status: isForeign(facts) ? undefined : before };
  return {
    kind: 'granted',
    grant,
    status: grantStatus(grant.value, { scope: tenancy.scope, client, issuer }),
  };
}

/**
 * What was granted before goes on, as it was, once the countdown is written down: one that nobody could write would begin anew each
 * time, and with it no token is renewed, so that it ends with the token at the latest.
 */
function goneBackTo(
  facts: ExistingBindingFacts,
  { reason, message }: Violation,
): Result<Grant, ActionFailure> {
  const grant = facts.binding.status?.withdrawal && grantedBefore(facts);
  if (!grant) return err({ reason, message, retry: 'soon' });
  const obstacle = loginObstacle(grant.method, facts);
  return obstacle ? err(obstacle) : ok(grant);
}

/** Whether what the binding has is of another tenant than it belongs to now. */
export const isForeign = ({ binding, tenancy }: ExistingBindingFacts): boolean => {
  const tenantID = binding.status?.grant?.tenantID;
  return tenantID !== undefined && tenancy.kind === 'tenant' && tenantID !== tenancy.scope.spec.tenantID;
};
