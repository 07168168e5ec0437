import type { GrantStatus } from '../api/grant-field.ts';
import type { Reason } from '../api/reasons.ts';
import type { Instant } from '../std/instant.ts';
import type { VolumeFacts } from './volume-facts.ts';

/** Why a pod gets no token, in a word for programs and in one sentence for its owner, who may know of nobody else's objects. */
export interface VolumeFinding {
  /**
   * `pending`: resolves by itself in seconds, as a rule. `refused`: somebody has to change something. In both cases nothing is asked for,
   * and what lies there lives out its life. `withdrawn`: not this pod's to have, or not any more; what lies there goes.
   */
  readonly kind: 'pending' | 'refused' | 'withdrawn';
  readonly reason: string;
  readonly message: string;
}

export type VolumeRule = (facts: VolumeFacts, now: Instant) => VolumeFinding | undefined;

const finding =
  (kind: VolumeFinding['kind']) =>
  (reason: Reason, message: string): VolumeFinding => ({ kind, reason, message });
export const pending = finding('pending');
export const refused = finding('refused');
export const withdrawn = finding('withdrawn');

/** What a binding is called in a sentence. */
export const named = ({ bindingName }: VolumeFacts): string => `WorkloadIdentityBinding ${bindingName}`;

export const grantOf = ({ binding }: VolumeFacts): GrantStatus | undefined => binding?.status?.grant;
