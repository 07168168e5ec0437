import type { Reason } from '../api/reasons.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import { type Duration, milliseconds } from '../std/duration.ts';
import { earliest, formatInstant, type Instant, instantIn, plus } from '../std/instant.ts';
import { joinViolations, type Violation } from './violation.ts';

/** When something that was granted is taken away, and since when that is known. */
export interface Withdrawal {
  readonly reason: Reason;
  readonly startedAt: Instant;
  /** At `startedAt` where nobody can have meant anything else, a while later where it may be an accident. */
  readonly effectiveAt: Instant;
}

/** What a slip of a hand brings about: a label, a selector, an object deleted, a chart upgraded without its values. `spec.suspend` and a lower ceiling are meant. */
const accidents: ReadonlySet<string> = new Set<Reason>([
  'NoTenantScope',
  'TenantScopeOverlap',
  'TenantIDTaken',
  'IssuerGoing',
  'SecretDeliveryNotInstalled',
]);

/** Whether somebody may take all of this back before anybody is harmed. */
export const mayBeAccident = (violations: readonly Pick<WithdrawalStatus, 'reason'>[]): boolean =>
  violations.every(({ reason }) => accidents.has(reason));

/**
 * When what was granted is taken away. `before` is what the status of the object says of it: a countdown goes on where it was, whatever
 * restarts in between, and what has been taken away is not given back because it is now refused for another reason.
 */
export function withdrawalOf(
  violations: readonly [Violation, ...Violation[]],
  before: WithdrawalStatus | undefined,
  delay: Duration,
  now: Instant,
): Withdrawal {
  const [{ reason }] = violations;
  const startedAt = earliest(instantIn(before?.startedAt) ?? now, now);
  const effective = instantIn(before?.effectiveAt);
  if (effective !== undefined && effective <= now) return { reason, startedAt, effectiveAt: effective };
  const wait = mayBeAccident(violations) ? delay : milliseconds(0);
  const effectiveAt = wait === 0 ? now : plus(startedAt, wait);
  return { reason, startedAt, effectiveAt };
}

/** As a status tells it. */
export const withdrawalStatus = ({ reason, startedAt, effectiveAt }: Withdrawal): WithdrawalStatus => ({
  reason,
  startedAt: formatInstant(startedAt),
  effectiveAt: formatInstant(effectiveAt),
});

/** Whether the time has come. */
export const isEffective = ({ effectiveAt }: Withdrawal, now: Instant): boolean => effectiveAt <= now;

/** What is wrong, and until when nothing is taken away for it. The text stays the same while it counts down. */
export const untilWithdrawn = (violations: readonly Violation[], { effectiveAt }: Withdrawal): string =>
  `${joinViolations(violations)}. In case that is an accident, what was granted before stays until ${formatInstant(effectiveAt)}`;
