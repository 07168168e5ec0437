import type { Reason } from '../api/reasons.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import type { Condition } from '../kube/objects.ts';
import { minutes } from '../std/duration.ts';
import { between, type Instant, instantIn } from '../std/instant.ts';
import type { Style } from './terminal.ts';

/** An object of any of our kinds, as far as its health goes. */
export interface Conditioned {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: object;
  readonly status?: {
    readonly conditions?: readonly Omit<Condition, 'observedGeneration'>[];
    readonly observedGeneration?: number;
    readonly withdrawal?: WithdrawalStatus;
    readonly violations?: readonly {
      readonly reason: string;
      readonly field: string;
      readonly message: string;
    }[];
  };
}

/** The states of an object in the order in which they want attention. */
export const states = {
  malformed: 'bad',
  neglected: 'bad',
  failed: 'bad',
  withdrawn: 'bad',
  refused: 'bad',
  suspended: 'doubtful',
  unseen: 'doubtful',
  deleting: 'doubtful',
  working: 'doubtful',
  ready: 'good',
} as const satisfies Readonly<Record<string, Style>>;

export type State = keyof typeof states;

export interface Health {
  readonly state: State;
  readonly reason: string;
  readonly message: string;
  /** Since when it is so. */
  readonly since: string;
}

/** Reasons that pass by themselves, as a rule. */
const passing: ReadonlySet<string> = new Set<Reason>([
  'Pending',
  'IssuerNotReady',
  'ClientNotReady',
  'IssuerUnavailable',
  'IssuerThrottled',
  'PodTokenAwaited',
  'SecretTampered',
]);

/** What the API server's answer says of an object, in one word. Asked from top to bottom. */
export function healthOf(object: Conditioned, now: Instant): Health {
  const { metadata, status, spec } = object;
  const ready = conditionOf(object, 'Ready');
  const as = (state: State, { reason, message, lastTransitionTime }: Told): Health => ({
    state,
    reason,
    message,
    since: lastTransitionTime,
  });
  if (metadata.deletionTimestamp !== undefined)
    return as('deleting', {
      reason: ready?.reason ?? 'Deleting',
      message: ready?.message ?? 'it is being deleted',
      lastTransitionTime: metadata.deletionTimestamp,
    });
  if (ready === undefined || (status?.observedGeneration ?? 0) < metadata.generation)
    return as(ready === undefined && isOld(metadata, now) ? 'neglected' : 'unseen', {
      reason: 'NotSeenYet',
      message: 'the controller has not looked at this version of the object yet',
      lastTransitionTime: ready?.lastTransitionTime ?? metadata.creationTimestamp,
    });
  if ('suspend' in spec && spec.suspend === true) return as('suspended', ready);
  if (ready.status === 'True') return as('ready', ready);
  const allowed = conditionOf(object, 'Allowed');
  if (allowed?.status === 'False')
    return as(status?.withdrawal === undefined ? 'refused' : 'withdrawn', allowed);
  return as(passing.has(ready.reason) ? 'working' : 'failed', ready);
}

/** A controller that works has something to say of a new object long before. */
const longestUnseen = minutes(2);

const isOld = ({ creationTimestamp }: Conditioned['metadata'], now: Instant): boolean =>
  between(instantIn(creationTimestamp) ?? now, now) > longestUnseen;

type Told = Pick<Condition, 'reason' | 'message' | 'lastTransitionTime'>;

/** One of its conditions. */
export const conditionOf = (
  { status }: Pick<Conditioned, 'status'>,
  type: string,
): Omit<Condition, 'observedGeneration'> | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

/** Whether somebody has to do something about it. */
export const wantsAttention = ({ state }: Pick<Health, 'state'>): boolean => states[state] === 'bad';

const order = Object.keys(states);

/** Compares so that what wants attention most comes first. */
export const byUrgency = (a: Pick<Health, 'state'>, b: Pick<Health, 'state'>): number =>
  order.indexOf(a.state) - order.indexOf(b.state);
