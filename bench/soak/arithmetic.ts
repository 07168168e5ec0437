import { contains, type Span } from './time-line.ts';

const step = 10_000;

/** The stretches of `whole` that none of the windows touches. */
export function outside(whole: Span, windows: readonly Span[]): Span[] {
  const sorted = [...windows].sort((a, b) => a.from - b.from);
  const quiet: Span[] = [];
  let { from } = whole;
  for (const window of sorted) {
    if (window.from > from) quiet.push({ from, to: Math.min(window.from, whole.to) });
    from = Math.max(from, window.to);
  }
  if (from < whole.to) quiet.push({ from, to: whole.to });
  return quiet.filter(({ from, to }) => to > from);
}

/** How many of `times` fall into each whole 10 s of these stretches; what is left of a stretch at its end is not counted. */
export const countsPerTenSeconds = (times: readonly number[], stretches: readonly Span[]): number[] =>
  stretches.flatMap(({ from, to }) =>
    Array.from({ length: Math.floor((to - from) / step) }, (_, n) => {
      const bin = { from: from + n * step, to: from + (n + 1) * step };
      return times.filter((at) => contains(bin, at)).length;
    }),
  );

/** The greatest of some counts by their mean: 1 where all are equal. NaN for none. */
export function peakToMean(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return Math.max(...counts) / mean;
}

export interface Sample {
  readonly at: number;
  readonly value: number;
}

/** The slope of the line that fits best (least squares), per unit of `at`. NaN for fewer than two times. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [at, value] = [mean(samples.map(({ at }) => at)), mean(samples.map(({ value }) => value))];
  const along = samples.reduce((sum, sample) => sum + (sample.at - at) * (sample.value - value), 0);
  return along / samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
}
