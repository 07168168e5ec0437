import type { EventReason } from '../api/event-reasons.ts';
import type { Reason } from '../api/reasons.ts';

/** What the owners of an object are told by an event. Never a secret, nor anything of another tenant. */
export interface ToldEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason | EventReason;
  readonly note: string;
}
