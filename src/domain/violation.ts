import type { Reason } from '../api/reasons.ts';
import { longestViolation, mostViolations } from '../api/violations-field.ts';

/** One thing that policy forbids: enough for a person to mend it without asking. */
export interface Violation {
  readonly reason: Reason;
  /** Path of the field in the object that asks: `spec.token.scopes`. The message begins with it. */
  readonly field: string;
  readonly message: string;
}

export const violation = (reason: Reason, field: string, text: string): Violation => ({
  reason,
  field,
  message: `${field}: ${text}`,
});

/** What policy holds against something in one respect, if anything. */
export type Rule<Facts> = (facts: Facts) => Violation | undefined;

/** Asks every rule, so that a person sees all that is wrong at once. */
export const violationsOf = <Facts>(rules: readonly Rule<Facts>[], facts: Facts): readonly Violation[] =>
  rules.map((rule) => rule(facts)).filter((found) => found !== undefined);

/** What a ceiling says no to: who says it, which field, which values, and what would be allowed. */
export interface CeilingViolation {
  readonly reason: Reason;
  /** The object that allows less: `TenantScope acme`. */
  readonly by: string;
  readonly field: string;
  readonly values: readonly string[];
  readonly allowed: readonly string[];
}

const mostShown = 10;

function list(items: readonly string[]): string {
  if (items.length === 0) return 'nothing';
  const shown = items.slice(0, mostShown).join(', ');
  return items.length > mostShown ? `${shown} and ${items.length - mostShown} more` : shown;
}

/** `spec.token.scopes: TenantScope acme does not allow admin; allowed: invoices.*, openid`. */
export const aboveCeiling = ({ reason, by, field, values, allowed }: CeilingViolation): Violation =>
  violation(reason, field, `${by} does not allow ${list(values)}; allowed: ${list(allowed)}`);

/** Violations as a status lists them, within the bounds of its schema; none is no list. */
export const listed = (violations: readonly Violation[]) =>
  violations.length === 0
    ? undefined
    : violations.slice(0, mostViolations).map(({ reason, field, message }) => ({
        reason,
        field,
        message: message.slice(0, longestViolation),
      }));

/** All violations as one message for a condition, within the 32,768 characters that Kubernetes allows and far below them. */
export const joinViolations = (violations: readonly Violation[]): string =>
  violations
    .map(({ message }) => message)
    .join('. ')
    .slice(0, 4096);
