import type { ConditionType } from '../api/conditions.ts';
import type { Reason } from '../api/reasons.ts';

/** A condition as a plan wants it; times and generation are added when status is written. */
export interface PlannedCondition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

export const isTrue = (type: ConditionType, reason: Reason, message = ''): PlannedCondition => ({
  type,
  status: 'True',
  reason,
  message,
});
export const isFalse = (type: ConditionType, reason: Reason, message: string): PlannedCondition => ({
  type,
  status: 'False',
  reason,
  message,
});
export const isUnknown = (type: ConditionType, reason: Reason, message: string): PlannedCondition => ({
  type,
  status: 'Unknown',
  reason,
  message,
});

/**
 * Puts the summary `Ready` before the conditions it summarises: True when all are, else the first that is not, in its words.
 * `Unknown` parts make `Ready` False: what is not known to be in place is not ready. But for `InSync`: everything is in place as it was made,
 * and only whether somebody changed it since is not known.
 */
export function withReady(parts: readonly PlannedCondition[], message: string): readonly PlannedCondition[] {
  const culprit =
    parts.find(({ status }) => status === 'False') ??
    parts.find(({ status, type }) => status === 'Unknown' && type !== 'InSync');
  const ready = culprit
    ? isFalse('Ready', culprit.reason, culprit.message)
    : isTrue('Ready', 'Ready', message);
  return [ready, ...parts];
}

/** The conditions with one in the place of that of its type, and `Ready` as it is then. */
export function withInstead(
  [ready, ...parts]: readonly PlannedCondition[],
  told: PlannedCondition,
): readonly PlannedCondition[] {
  return withReady(
    parts.map((condition) => (condition.type === told.type ? told : condition)),
    ready?.message ?? '',
  );
}
