import type { GrantStatus } from '../api/grant-field.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Instant } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import type { TokenSecret } from './binding-facts.ts';
import type { PlannedCondition } from './condition.ts';
import type { Grant, GrantLogin } from './grant.ts';
import type { Violation } from './violation.ts';

export type BindingAction =
  /** Obtain a token and put it into the Secret: the next generation, or the first. */
  | {
      readonly kind: 'issue';
      readonly fingerprint: string;
      /** Where the token is put. */
      readonly secretName: string;
      readonly grant: Grant;
      readonly grantHash: string;
      readonly generation: number;
      /** Since when a successor of the delivered token is due; left out for the first of a series. */
      readonly dueAt?: Instant | undefined;
      readonly replaces: TokenSecret | undefined;
    }
  /** Have the token in the Secret revoked. That goes on by itself; what comes of it is a fact of its own. */
  | { readonly kind: 'revoke'; readonly secret: TokenSecret; readonly login: GrantLogin }
  /** Remove the Secret: nothing may be served any more. */
  | { readonly kind: 'withdraw'; readonly secret: TokenSecret; readonly because: string }
  /** Remove the Secret: what is in it is not what was granted. What is tried by it is to have the token of `fingerprint` there. */
  | { readonly kind: 'discard'; readonly secret: TokenSecret; readonly fingerprint: string };

export interface BindingPlan {
  readonly action?: BindingAction;
  readonly conditions: readonly PlannedCondition[];
  /** All that is not allowed. */
  readonly violations?: readonly Violation[];
  /** For status: what is granted. Nothing where it is left out. */
  readonly grant?: GrantStatus | undefined;
  /** For status: how what was granted is taken back. */
  readonly withdrawal?: WithdrawalStatus | undefined;
  /** When to look again though nothing changed. */
  readonly requeueAt?: Instant;
}

/**
 * What an attempt at a token tries: a changed binding, or another grant, is not held back by the failure of an earlier one. `inTime`:
 * while a token is there that is good.
 */
export const issueFingerprint = (
  hash: string,
  { metadata }: WorkloadIdentityBinding,
  inTime: boolean,
): string => `${hash}/${metadata.generation}/${inTime ? 'in time' : 'late'}`;

/** The failure that holds an attempt back. With the end of a token its waits begin anew: they grew while there was time. */
export function attemptAt(
  hash: string,
  binding: WorkloadIdentityBinding,
  inTime: boolean,
  last: FailedAttempt | undefined,
): FailedAttempt | undefined {
  if (last?.fingerprint === issueFingerprint(hash, binding, inTime)) return last;
  return last?.fingerprint === issueFingerprint(hash, binding, !inTime) ? { ...last, count: 1 } : undefined;
}

/** What an action tries. */
export function fingerprintOf(action: BindingAction): string {
  if ('fingerprint' in action) return action.fingerprint;
  return action.kind === 'revoke' ? `revoke/${action.secret.uid}` : action.kind;
}

/** When what lies in a Secret ends; what says nothing of itself has ended. */
export const endOf = ({ delivered }: TokenSecret, now: Instant): Instant => delivered?.expiresAt ?? now;

/** A plan that removes `secret`, if there is one. */
export function withdrawn(
  secret: TokenSecret | undefined,
  because: string,
  conditions: readonly PlannedCondition[],
): BindingPlan {
  return secret ? { action: { kind: 'withdraw', secret, because }, conditions } : { conditions };
}
