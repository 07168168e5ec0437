import type { Reason } from '../api/reasons.ts';
import type { PlannedCondition } from './condition.ts';
import type { ToldEvent } from './told-event.ts';

/** A condition as the status had it before. */
interface FormerCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
}

/** What is told when it begins though `Ready` may say nothing of it: what was made, and where it is. */
const milestones: ReadonlySet<string> = new Set<Reason>([
  'Registered',
  'CredentialsWritten',
  'StaleConsumers',
  'SecretWritten',
]);

/** An object that was only just applied has to pass through these; they are worth a word to one that was beyond them. */
const onTheWay: ReadonlySet<string> = new Set<Reason>(['IssuerNotReady', 'ClientNotReady']);

/**
 * What a change of status is worth telling: that something was made, that something stands in the way, that all is well again. Only what is
 * another than before, so that neither a renewal nor a restart is told, and what lasts is told once.
 */
export function eventsOfStatus(
  before: readonly FormerCondition[],
  planned: readonly PlannedCondition[],
  generation: number,
): readonly ToldEvent[] {
  const formerly = (type: string): FormerCondition | undefined =>
    before.find((condition) => condition.type === type);
  const made = planned.flatMap((condition): ToldEvent[] => {
    const { type, status, reason, message } = condition;
    if (status !== 'True' || !milestones.has(reason)) return [];
    const former = formerly(type);
    const isKnown = former?.status === 'True' && former.reason === reason;
    // Which pods are waited for changes all the time.
    if (isKnown && (former.message === message || reason === 'StaleConsumers')) return [];
    return [{ type: reason === 'StaleConsumers' ? 'Warning' : 'Normal', reason, note: message }];
  });
  const ready = planned.find(({ type }) => type === 'Ready');
  const former = formerly('Ready');
  if (ready?.status === 'True' && former?.status !== 'True' && made.length === 0)
    return [{ type: 'Normal', reason: ready.reason, note: ready.message }];
  return ready !== undefined && isTrouble(ready, former, generation)
    ? [...made, { type: 'Warning', reason: ready.reason, note: ready.message }]
    : made;
}

/** Whether something stands in the way that did not before. A new spec that is refused for the same reason is told so in new words. */
function isTrouble(
  { status, reason, message }: PlannedCondition,
  former: FormerCondition | undefined,
  generation: number,
): boolean {
  if (status === 'True' || reason === 'Pending') return false;
  if (former?.status === 'True') return true;
  if (onTheWay.has(reason)) return false;
  if (former?.reason !== reason) return true;
  return former.observedGeneration !== generation && former.message !== message;
}
