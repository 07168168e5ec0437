import { describe, expect, it } from 'vitest';
import { figuresOf, type Observation } from './figures.ts';
import type { TimeLine } from './time-line.ts';

/** Seconds of the run, in milliseconds since the Unix epoch. */
const at = (second: number): number => 1_000_000 + second * 1000;

/** A binding with a token of 120 s from each of these seconds on. */
const aLine = (issued: readonly number[], removed: readonly number[] = []): TimeLine => ({
  deliveries: issued.map((second) => ({
    seenAt: at(second),
    issuedAt: at(second),
    expiresAt: at(second + 120),
  })),
  removals: removed.map(at),
});
const anObservation = (changes: Partial<Observation>): Observation => ({
  whole: { from: at(0), to: at(240) },
  windows: [],
  lines: [aLine([0, 80, 160])],
  leaders: [],
  cycle: 78_000,
  ...changes,
});
const figures = (changes: Partial<Observation>) => figuresOf(anObservation(changes));

describe('expired-token seconds', () => {
  it('are none where each token came before its predecessor had expired', () => {
    expect(figures({}).expiredTokenSeconds).toBe(0);
  });

  it('are counted from the expiry to the next token', () => {
    expect(figures({ lines: [aLine([0, 130.5])] }).expiredTokenSeconds).toBe(10.5);
  });

  it('go on to the end of the run where no token followed', () => {
    expect(figures({ lines: [aLine([0])] }).expiredTokenSeconds).toBe(120);
  });

  it('begin sooner where the Secret was removed', () => {
    expect(figures({ lines: [aLine([0, 130, 200], [100])] }).expiredTokenSeconds).toBe(30);
  });

  it('add up over all bindings', () => {
    expect(figures({ lines: [aLine([0, 125, 200]), aLine([10, 133, 200])] }).expiredTokenSeconds).toBe(8);
  });
});

describe('the smallest life left at a renewal', () => {
  it('is that of the latest renewal, and the first token counts for nothing', () => {
    expect(figures({ lines: [aLine([0, 60, 150]), aLine([5])] }).smallestLifeLeftOutsideFaults).toBe(25);
  });

  it('is told apart by whether the renewal was in the window of a fault', () => {
    const windows = [{ from: at(100), to: at(115) }];
    const lines = [aLine([0, 84]), aLine([0, 108]), aLine([0, 115])];
    const { smallestLifeLeftInsideFaults, smallestLifeLeftOutsideFaults } = figures({ windows, lines });
    expect(smallestLifeLeftInsideFaults).toBe(10);
    expect(smallestLifeLeftOutsideFaults).toBe(4.17);
  });

  it('is unknown where nothing was renewed, and below 0 where it came too late', () => {
    expect(figures({}).smallestLifeLeftInsideFaults).toBeNull();
    expect(figures({ lines: [aLine([0, 126])] }).smallestLifeLeftOutsideFaults).toBe(-5);
  });
});

describe('peak/mean of the renewals per 10 s', () => {
  const lines = [158, 161, 166, 171, 181, 191, 192, 193].map((second) => aLine([100, second]));

  it('begins after the second cycle', () => {
    // 156 to 166, to 176, to 186, to 196: 2, 2, 1 and 3 renewals.
    const whole = { from: at(0), to: at(196) };
    expect(figures({ whole, lines }).peakToMeanInAll).toBe(1.5);
  });

  it('leaves out every 10 s that a fault touches', () => {
    const whole = { from: at(0), to: at(196) };
    const windows = [{ from: at(177), to: at(182) }];
    // 156 to 166 and 166 to 176; then 182 to 192.
    const { peakToMeanOutsideFaults } = figures({ whole, lines, windows });
    expect(peakToMeanOutsideFaults).toBe(1.2);
  });

  it('is unknown for a run that ends before', () => {
    expect(figures({ whole: { from: at(0), to: at(160) } }).peakToMeanInAll).toBeNull();
  });
});

describe('what the leaders take of the machine', () => {
  const leader = (pid: number, from: number, to: number, growth: number) =>
    Array.from({ length: (to - from) / 10 + 1 }, (_, n) => ({
      ...{ pid, at: at(from + n * 10) },
      ...{ megabytes: 100 + (growth * n * 10) / 3600, descriptors: 20 + n },
    }));

  it('grows by MB per hour; a leader of less than three minutes says nothing', () => {
    const leaders = [...leader(1, 0, 180, 36), ...leader(2, 180, 350, 1000), ...leader(3, 350, 600, -5)];
    expect(figures({ leaders }).leaderMegabytesPerHour).toEqual([36, -5]);
  });

  it('is not held against it in the first minute', () => {
    const warming = leader(1, 0, 50, 10_000);
    expect(figures({ leaders: [...warming, ...leader(1, 60, 180, 36)] }).leaderMegabytesPerHour).toEqual([
      36,
    ]);
  });

  it('is told of the descriptors of the first and of the last', () => {
    const leaders = [...leader(1, 0, 120, 0), ...leader(2, 120, 230, 0)];
    const { descriptorsAtStart, descriptorsAtEnd } = figures({ leaders });
    expect([descriptorsAtStart, descriptorsAtEnd]).toEqual([20, 31]);
  });
});
