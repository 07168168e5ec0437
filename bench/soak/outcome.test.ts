import { describe, expect, it } from 'vitest';
import { drawOutcome, missedBars, type Outcome } from './outcome.ts';

const good: Outcome = {
  ...{ minutes: 10, seed: 1, bindings: 1000, bindingsWithToken: 1000, renewals: 7000 },
  expiredTokenSeconds: 0,
  smallestLifeLeftOutsideFaults: 25,
  smallestLifeLeftInsideFaults: 0.01,
  peakToMeanOutsideFaults: 1.3,
  peakToMeanInAll: 4,
  leaderMegabytesPerHour: [12, -3],
  descriptorsAtStart: 60,
  descriptorsAtEnd: 50,
  faults: { 'issuer away': 2, 'watches cut': 1 },
  brokenControllers: 0,
};

describe('the bars of a soak', () => {
  it('are all met by figures that are just good enough', () => {
    expect(missedBars(good)).toEqual([]);
  });

  it.each<[Partial<Outcome>, RegExp]>([
    [{ bindingsWithToken: 999 }, /got a token/],
    [{ expiredTokenSeconds: 0.01 }, /expired-token/],
    [{ smallestLifeLeftOutsideFaults: 24.99 }, /outside faults, %/],
    [{ smallestLifeLeftInsideFaults: 0 }, /inside faults, %/],
    [{ peakToMeanOutsideFaults: 1.31 }, /peak\/mean/],
    [{ peakToMeanOutsideFaults: null }, /peak\/mean/],
    [{ peakToMeanOutsideFaults: Number.NaN }, /peak\/mean/],
    [{ brokenControllers: 1 }, /ended by themselves/],
  ])('are missed with %o', (change, what) => {
    expect(missedBars({ ...good, ...change })).toEqual([expect.stringMatching(what)]);
  });
});

it('a soak is told with a verdict on each bar, and how often each fault was', () => {
  expect(
    drawOutcome({ ...good, expiredTokenSeconds: 3, smallestLifeLeftInsideFaults: null }),
  ).toMatchInlineSnapshot(`
      "bindings that got a token                          1000       >= 1000  ok
      expired-token seconds, all bindings together       3          <= 0     MISS
      smallest life left at a renewal outside faults, %  25         >= 25    ok
      smallest life left at a renewal inside faults, %   none seen  > 0      MISS
      peak/mean of renewals per 10 s outside faults      1.3        <= 1.3   ok
      peak/mean of renewals per 10 s over everything     4
      controllers that ended by themselves               0          <= 0     ok
      renewals                                           7000
      RSS slope of each leader of 3 min or more, MB/h    12, -3
      open descriptors of the leader at the start        60
      open descriptors of the leader at the end          50
      faults                                             3
        issuer away                                      2
        watches cut                                      1"
    `);
});
