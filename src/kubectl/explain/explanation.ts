import type { WithdrawalStatus } from '../../api/withdrawal-field.ts';
import type { Condition } from '../../kube/objects.ts';
import type { Instant } from '../../std/instant.ts';
import { type Conditioned, type Health, healthOf } from '../health.ts';
import { nextStep } from '../next-step.ts';
import { revocationNote } from './revocation-note.ts';

/** Something that policy holds against an object, with the way out. */
interface ExplainedViolation {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
  readonly nextStep: string;
}

type ExplainedCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message' | 'lastTransitionTime'> & {
  readonly nextStep: string;
};

/** Another object that this one rests on. */
export interface RelatedObject extends Partial<Health> {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  /** What it has to do with the object, or why it cannot be seen. */
  readonly note: string;
}

/** The token in the Secret of a binding, from metadata alone. */
export interface TokenFacts {
  readonly secret: string;
  readonly issuedAt?: string;
  readonly expiresAt?: string;
  readonly generation?: number;
  readonly note: string;
}

/** What is taken back, and what is known of the tokens that were out. */
interface ExplainedWithdrawal extends WithdrawalStatus {
  readonly note: string | undefined;
}

/** Why an object is as it is, as `kubectl grantor explain -o json` tells it. */
export interface Explanation extends Health {
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly nextStep: string;
  readonly violations: readonly ExplainedViolation[];
  readonly conditions: readonly ExplainedCondition[];
  readonly withdrawal?: ExplainedWithdrawal;
  readonly token?: TokenFacts;
  /** What it rests on, nearest first. */
  readonly restsOn: readonly RelatedObject[];
}

/** What an object itself says, with the next step of each thing that it says. */
export function explanationOf(object: Conditioned, now: Instant): Omit<Explanation, 'restsOn' | 'token'> {
  const health = healthOf(object, now);
  const { name, namespace } = object.metadata;
  const { violations = [], conditions = [], withdrawal } = object.status ?? {};
  return {
    object: { kind: object.kind, ...(namespace === undefined ? {} : { namespace }), name },
    ...health,
    nextStep: nextStep(health.reason),
    violations: violations.map((violation) => ({ ...violation, nextStep: nextStep(violation.reason) })),
    conditions: conditions.map(({ type, status, reason, message, lastTransitionTime }) => ({
      ...{ type, status, reason, message, lastTransitionTime },
      nextStep: nextStep(reason),
    })),
    ...(withdrawal === undefined
      ? {}
      : { withdrawal: { ...withdrawal, note: revocationNote(object, withdrawal) } }),
  };
}
