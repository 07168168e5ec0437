import { countsPerTenSeconds, outside, peakToMean, slopeOf } from './arithmetic.ts';
import { contains, renewalsOf, type Span, type TimeLine, timeWithoutToken } from './time-line.ts';
import type { Vitals } from './vitals.ts';

/** What was seen of a run. */
export interface Observation {
  /** From when all bindings had a token to the end. */
  readonly whole: Span;
  /** Times of faults, with what a system may take to recover from each. */
  readonly windows: readonly Span[];
  readonly lines: readonly TimeLine[];
  /** Of whoever led, in order. */
  readonly leaders: readonly Vitals[];
  /** Of one token and its renewal, in milliseconds: how long after its birth a binding is in its second cycle. */
  readonly cycle: number;
}

/** The figures of a soak. Parts of lives are in percent. A figure for which nothing was seen is null. */
export interface Figures {
  readonly bindingsWithToken: number;
  readonly renewals: number;
  readonly expiredTokenSeconds: number;
  readonly smallestLifeLeftOutsideFaults: number | null;
  readonly smallestLifeLeftInsideFaults: number | null;
  readonly peakToMeanOutsideFaults: number | null;
  readonly peakToMeanInAll: number | null;
  /** Of each process that led for three minutes or more, without the first of them: a heap grows until it is first swept. */
  readonly leaderMegabytesPerHour: readonly number[];
  readonly descriptorsAtStart: number;
  readonly descriptorsAtEnd: number;
}

const warmUp = 60_000;
const shortestMeasured = 120_000;
const cyclesToSettle = 2;

export function figuresOf({ whole, windows, lines, leaders, cycle }: Observation): Figures {
  const renewals = lines.flatMap(renewalsOf);
  const isInside = (at: number): boolean => windows.some((window) => contains(window, at));
  const smallest = (inside: boolean): number | null => {
    const left = renewals.filter(({ at }) => isInside(at) === inside).map(({ left }) => left);
    return left.length === 0 ? null : round(Math.min(...left) * 100);
  };
  const settled = { from: whole.from + cyclesToSettle * cycle, to: whole.to };
  const peak = (stretches: readonly Span[]): number | null => {
    const counts = countsPerTenSeconds(
      renewals.map(({ at }) => at),
      stretches,
    );
    return counts.length === 0 ? null : round(peakToMean(counts));
  };
  return {
    bindingsWithToken: lines.length,
    renewals: renewals.length,
    expiredTokenSeconds: round(lines.reduce((sum, line) => sum + timeWithoutToken(line, whole.to), 0) / 1000),
    smallestLifeLeftOutsideFaults: smallest(false),
    smallestLifeLeftInsideFaults: smallest(true),
    peakToMeanOutsideFaults: peak(outside(settled, windows)),
    peakToMeanInAll: peak([settled]),
    leaderMegabytesPerHour: slopes(leaders),
    descriptorsAtStart: leaders[0]?.descriptors ?? 0,
    descriptorsAtEnd: leaders.at(-1)?.descriptors ?? 0,
  };
}

function slopes(leaders: readonly Vitals[]): number[] {
  return [...Map.groupBy(leaders, ({ pid }) => pid).values()]
    .map((of) => of.filter(({ at }) => at >= (of[0]?.at ?? 0) + warmUp))
    .filter((of) => (of.at(-1)?.at ?? 0) - (of[0]?.at ?? 0) >= shortestMeasured)
    .map((of) => round(slopeOf(of.map(({ at, megabytes }) => ({ at: at / 3_600_000, value: megabytes })))));
}

const round = (value: number): number => Math.round(value * 100) / 100;
