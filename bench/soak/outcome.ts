import { align } from '../../test/stage/align.ts';
import type { Figures } from './figures.ts';

/** A whole run: its figures, what was done to it, and the machine that it had. */
export interface Outcome extends Figures {
  readonly minutes: number;
  readonly seed: number;
  readonly bindings: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Controllers that ended although nobody asked them to. */
  readonly brokenControllers: number;
}

interface Line {
  readonly what: string;
  readonly figure: (outcome: Outcome) => number | string | null;
  /** What the figure has to be; one that could not be had misses it. */
  readonly bar?: readonly ['<=' | '>=' | '>', number];
}

const lines: readonly Line[] = [
  { what: 'bindings that got a token', figure: (o) => o.bindingsWithToken, bar: ['>=', 1000] },
  {
    what: 'expired-token seconds, all bindings together',
    figure: (o) => o.expiredTokenSeconds,
    bar: ['<=', 0],
  },
  {
    what: 'smallest life left at a renewal outside faults, %',
    figure: (o) => o.smallestLifeLeftOutsideFaults,
    bar: ['>=', 25],
  },
  {
    what: 'smallest life left at a renewal inside faults, %',
    figure: (o) => o.smallestLifeLeftInsideFaults,
    bar: ['>', 0],
  },
  {
    what: 'peak/mean of renewals per 10 s outside faults',
    figure: (o) => o.peakToMeanOutsideFaults,
    bar: ['<=', 1.3],
  },
  { what: 'peak/mean of renewals per 10 s over everything', figure: (o) => o.peakToMeanInAll },
  { what: 'controllers that ended by themselves', figure: (o) => o.brokenControllers, bar: ['<=', 0] },
  { what: 'renewals', figure: (o) => o.renewals },
  {
    what: 'RSS slope of each leader of 3 min or more, MB/h',
    figure: (o) => o.leaderMegabytesPerHour.join(', ') || null,
  },
  { what: 'open descriptors of the leader at the start', figure: (o) => o.descriptorsAtStart },
  { what: 'open descriptors of the leader at the end', figure: (o) => o.descriptorsAtEnd },
  { what: 'faults', figure: (o) => Object.values(o.faults).reduce((sum, count) => sum + count, 0) },
];

const holds = (figure: number | string | null, [sign, limit]: NonNullable<Line['bar']>): boolean => {
  if (typeof figure !== 'number') return false;
  if (sign === '<=') return figure <= limit;
  return sign === '>=' ? figure >= limit : figure > limit;
};

/** The bars that were missed, by what they are about. */
export const missedBars = (outcome: Outcome): string[] =>
  lines.filter(({ figure, bar }) => bar && !holds(figure(outcome), bar)).map(({ what }) => what);

/** The figures with their bars, aligned, and below them the faults by kind. */
export function drawOutcome(outcome: Outcome): string {
  const rows = lines.map(({ what, figure, bar }) => {
    const value = figure(outcome);
    const verdict = bar ? [bar.join(' '), holds(value, bar) ? 'ok' : 'MISS'] : [];
    return [what, String(value ?? 'none seen'), ...verdict];
  });
  const faults = Object.entries(outcome.faults).map(([name, count]) => [`  ${name}`, String(count)]);
  return align([...rows, ...faults]).join('\n');
}
