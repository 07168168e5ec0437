/** One line of the table: what was measured, and what it has to be. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** Empty where a figure is only told. */
  readonly bar: string;
  readonly good: boolean;
  /** The same of the bare loop, where that means something. */
  readonly bare: string;
}

/** How a figure is written. */
type Format = (value: number) => string;

export const atMost = (what: string, value: number, bar: number, format: Format, bare?: number): Figure => ({
  what,
  value: format(value),
  bar: `<= ${format(bar)}`,
  good: value <= bar,
  bare: bare === undefined ? '' : format(bare),
});

export const atLeast = (what: string, value: number, bar: number, format: Format): Figure => ({
  what,
  value: format(value),
  bar: `>= ${format(bar)}`,
  good: value >= bar,
  bare: '',
});

/** A figure without a bar. */
export const told = (what: string, value: number, format: Format, bare?: number): Figure => ({
  what,
  value: format(value),
  bar: '',
  good: true,
  bare: bare === undefined ? '' : format(bare),
});

export const inSeconds: Format = (value) => `${value.toFixed(2)} s`;
export const inMilliseconds: Format = (value) => `${Math.round(value)} ms`;
/** For what takes a millisecond or two. */
export const inHundredths: Format = (value) => `${value.toFixed(2)} ms`;
export const inMiB: Format = (value) => `${(value / 2 ** 20).toFixed(0)} MiB`;
export const inKiB: Format = (value) => `${(value / 2 ** 10).toFixed(2)} KiB`;
export const inPercent: Format = (value) => `${(value * 100).toFixed(2)} %`;
export const perSecond: Format = (value) => `${Math.round(value)}/s`;
export const asRatio: Format = (value) => value.toFixed(3);
export const asCount: Format = (value) => String(value);

/** The middle one; of an even number the lower of the two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
