import type { Complaint } from '../complaint.ts';
import type { Style } from '../terminal.ts';

/** How bad something is, worst first. `unknown`: it could not be looked at, mostly for want of a right. */
export const verdicts = {
  wrong: 'bad',
  warning: 'doubtful',
  unknown: 'dim',
  ok: 'good',
} as const satisfies Readonly<Record<string, Style>>;

export type Verdict = keyof typeof verdicts;

export const areas = ['install', 'rights', 'clocks', 'issuers', 'federation', 'csi'] as const;

/** What one check found. */
export interface Finding {
  readonly area: (typeof areas)[number];
  readonly verdict: Verdict;
  readonly message: string;
  /** What to do; left out where nothing is. */
  readonly remedy?: string;
}

type Area = Finding['area'];

export const fine = (area: Area, message: string): Finding => ({ area, verdict: 'ok', message });
export const warning = (area: Area, message: string, remedy: string): Finding => ({
  ...{ area, verdict: 'warning', message, remedy },
});
export const wrong = (area: Area, message: string, remedy: string): Finding => ({
  ...{ area, verdict: 'wrong', message, remedy },
});
/** Something could not be looked at. */
export const unknown = (area: Area, what: string, { message, remedy }: Complaint): Finding => ({
  ...{ area, verdict: 'unknown', message: `${what} could not be looked at: ${message}`, remedy },
});
