import type { VolumePlan } from '../domain/plan-volume.ts';
import { minutes } from '../std/duration.ts';
import { between, formatInstant, type Instant } from '../std/instant.ts';
import type { PodEvent } from './pod-events.ts';
import type { Volume } from './volume.ts';

/** What a pod was told last. */
export interface Told {
  readonly reason: string;
  /** Whether there was a token in the volume then. */
  readonly isServed: boolean;
  readonly at: Instant;
}

/** Reasons that take turns are one trouble: no more than one of them in this time. */
const quiet = minutes(1);

/**
 * What is to be told of a volume, if anything: that something is wrong, that the token is gone, that all is well again. Once each, and
 * nothing of what has been well all the time.
 */
export function newsOf(
  told: Told | undefined,
  { state }: Pick<Volume, 'state'>,
  { trouble, content, verdict, action }: VolumePlan,
  now: Instant,
): { readonly told: Told | undefined; readonly event?: PodEvent } {
  const what = `the token of WorkloadIdentityBinding ${state.binding}`;
  if (trouble === undefined) {
    if (told === undefined || action !== undefined || content !== 'Fresh') return { told };
    return {
      told: undefined,
      event: { type: 'Normal', reason: 'TokenIssued', note: `${what} is there and new again` },
    };
  }
  const isServed = content !== 'Empty' && verdict.kind !== 'withdrawn' && action?.kind !== 'clear';
  const isKnown = told !== undefined && told.isServed === isServed;
  if (isKnown && (told.reason === trouble.reason || between(told.at, now) < quiet)) return { told };
  const until = state.delivered && formatInstant(state.delivered.expiresAt);
  const note = isServed
    ? `${what} could not be renewed, and ${content === 'Expired' ? 'expired' : 'is good until'} ${until}`
    : `${what} is not in the volume${action?.kind === 'clear' ? ' any more' : ''}`;
  return {
    told: { reason: trouble.reason, isServed, at: now },
    event: { type: 'Warning', reason: trouble.reason, note: `${note}: ${trouble.message}` },
  };
}
