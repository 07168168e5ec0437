import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Instant } from '../std/instant.ts';
import type { ActionFailure, FailedAttempt } from './attempt.ts';
import type { Refusal } from './binding-verdict.ts';
import { isFalse, isTrue, isUnknown, type PlannedCondition, withReady } from './condition.ts';
import type { Renewal, TokenLife } from './rotation.ts';
import { joinViolations } from './violation.ts';
import { untilWithdrawn } from './withdrawal.ts';

/** What the conditions of an allowed binding rest on. */
interface Progress {
  readonly secretName: string;
  readonly delivered: TokenLife | undefined;
  readonly renewal: Renewal | undefined;
  /** What stands in the way of the next token. */
  readonly obstacle: ActionFailure | undefined;
  /** Why it is not allowed any more, while that may be an accident. */
  readonly countdown: Refusal | undefined;
  readonly now: Instant;
}

/**
 * Conditions of a binding that is allowed, or was until a moment ago. What stands in the way of a renewal is not told before the renewal
 * is late: until then it is only being tried again, and a thousand bindings do not write their status because an issuer was away for a
 * second.
 */
export function grantedConditions(progress: Progress): readonly PlannedCondition[] {
  const { secretName, renewal, now } = progress;
  const onTime = renewal !== undefined && now < renewal.lateAt;
  const told = onTime ? { ...progress, obstacle: undefined } : progress;
  return withReady(
    [allowed(progress), issued(told), delivered(told)],
    `the token is in Secret ${secretName} and is renewed before it expires`,
  );
}

/** Conditions of a binding without a Secret. Whether its tokens are issued and delivered, each node knows for its own pods. */
export function volumeConditions({
  binding,
  obstacle,
  countdown,
  left,
}: Pick<Progress, 'obstacle' | 'countdown'> & {
  readonly binding: WorkloadIdentityBinding;
  /** Why a token is still in a Secret that the binding named once. */
  readonly left: Unremoved | undefined;
}): readonly PlannedCondition[] {
  const parts = [allowed({ countdown }), ...(left ? [isFalse('Delivered', left.reason, left.message)] : [])];
  if (obstacle !== undefined && countdown === undefined)
    return [isFalse('Ready', obstacle.reason, obstacle.message), ...parts];
  return withReady(parts, `pods mount it by the volume attribute binding: ${binding.metadata.name}`);
}

/** Conditions of a binding whose Secret is out of reach. */
export const outOfReachConditions = (
  countdown: Refusal | undefined,
  why: string,
): readonly PlannedCondition[] =>
  withReady([allowed({ countdown }), isFalse('Delivered', 'SecretDeliveryNotInstalled', why)], '');

function allowed({ countdown }: Pick<Progress, 'countdown'>): PlannedCondition {
  if (countdown === undefined) return isTrue('Allowed', 'Allowed');
  const { violations, withdrawal } = countdown;
  return isFalse('Allowed', violations[0].reason, untilWithdrawn(violations, withdrawal));
}

/** Obstacles between a token and its Secret; all others come before there is a token. */
const isAtDelivery = ({ reason }: ActionFailure): boolean =>
  reason === 'SecretConflict' || reason === 'SecretWriteFailed' || reason === 'SecretTampered';

const isAlive = ({ delivered, now }: Progress): boolean =>
  delivered !== undefined && delivered.expiresAt > now;

function issued(progress: Progress): PlannedCondition {
  const { obstacle } = progress;
  if (obstacle !== undefined && !isAtDelivery(obstacle))
    return isFalse('Issued', obstacle.reason, obstacle.message);
  if (isAlive(progress)) return isTrue('Issued', 'TokenIssued');
  const why =
    obstacle === undefined ? 'a token is being requested' : 'a token is requested once it has a place to go';
  return isUnknown('Issued', 'Pending', why);
}

function delivered(progress: Progress): PlannedCondition {
  const { obstacle, secretName: name } = progress;
  if (obstacle !== undefined && isAtDelivery(obstacle))
    return isFalse('Delivered', obstacle.reason, obstacle.message);
  if (isAlive(progress)) return isTrue('Delivered', 'SecretWritten', `in Secret ${name}`);
  if (progress.delivered !== undefined)
    return isFalse('Delivered', 'TokenExpired', `the token in Secret ${name} has expired`);
  return isUnknown('Delivered', 'Pending', 'there is no token to deliver');
}

/** Conditions of a binding that has a token of another tenant than its own. */
export const pendingConditions: readonly PlannedCondition[] = withReady(
  [
    isTrue('Allowed', 'Allowed'),
    isUnknown('Issued', 'Pending', 'the token of the tenant that the namespace was of goes first'),
    isUnknown('Delivered', 'Pending', 'there is no token to deliver'),
  ],
  '',
);

/** What keeps a token that may not stay from being removed. */
export type Unremoved = Pick<ActionFailure, 'reason' | 'message'>;

/** What kept it there the last time that it was to go. */
export function unremoved(attempt: FailedAttempt | undefined): Unremoved | undefined {
  if (attempt?.fingerprint !== 'withdraw') return undefined;
  const { reason, message } = attempt.failure;
  return { reason, message: `the token could not be removed: ${message}` };
}

/** While the issuer is asked to revoke it: for a second at most. */
export const beingRevoked: Unremoved = {
  reason: 'Pending',
  message: 'the token goes when the issuer has revoked it, and does not wait for that for long',
};

/** Conditions of a binding that is refused: all that is wrong, at once; and why its token is still there, if it is. */
export function refusedConditions(
  { spec }: WorkloadIdentityBinding,
  violations: Refusal['violations'],
  left: Unremoved | undefined,
): readonly PlannedCondition[] {
  const [{ reason }] = violations;
  const refused = isFalse('Allowed', reason, joinViolations(violations));
  if (spec.delivery === undefined && left === undefined) return withReady([refused], '');
  return withReady(
    [
      refused,
      isFalse('Issued', reason, 'no token is issued for what is not allowed'),
      left === undefined
        ? isFalse('Delivered', reason, 'nothing is delivered')
        : isUnknown('Delivered', left.reason, left.message),
    ],
    '',
  );
}
