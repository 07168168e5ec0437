import { reasons } from '../api/reasons.ts';

/** Reasons of this program, for what no controller can say. */
const own: Readonly<Record<string, string>> = {
  NotSeenYet: 'Wait a moment. If it lasts, the controller does not run: see `kubectl grantor doctor`.',
  Deleting: 'Wait: it goes when nothing at the issuer is left of it.',
  Unreadable: reasons.Malformed.action,
};

/** What the reader should do about a reason, of a condition or of a violation. */
export const nextStep = (reason: string): string =>
  Object.hasOwn(reasons, reason)
    ? reasons[reason as keyof typeof reasons].action
    : (own[reason] ?? 'See the message.');
