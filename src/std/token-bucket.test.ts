import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { milliseconds } from './duration.ts';
import { instantOf, minus, plus } from './instant.ts';
import { refill, type TokenBucket, take, untilNext } from './token-bucket.ts';

const start = instantOf(Date.parse('2026-11-24T10:00:00Z'));
const rate = { requestsPerSecond: 50, burst: 100 };

test('a quiet time fills it up to the burst and no further', () => {
  const bucket = refill({ tokens: 0, at: start }, rate, plus(start, milliseconds(1000)));
  expect(bucket.tokens).toBe(50);
  expect(refill(bucket, rate, plus(start, milliseconds(3_600_000))).tokens).toBe(100);
});

test('a clock that is set back neither gives nor blocks', () => {
  const back = minus(start, milliseconds(600_000));
  const bucket = refill({ tokens: 0, at: start }, rate, back);
  expect(bucket.tokens).toBe(0);
  expect(refill(bucket, rate, plus(back, milliseconds(20))).tokens).toBe(1);
});

test('what waits as long as it is told to is served', () => {
  const rates = fc.record({
    requestsPerSecond: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    burst: fc.integer({ min: 1, max: 200 }),
  });
  fc.assert(
    fc.property(rates, fc.double({ min: 0, max: 1, noNaN: true }), (rate, tokens) => {
      const bucket: TokenBucket = { tokens, at: start };
      const later = refill(bucket, rate, plus(start, untilNext(bucket, rate)));
      // Within the rounding of one floating-point division.
      expect(later.tokens).toBeGreaterThan(1 - 1e-6);
      expect(take({ ...later, tokens: later.tokens + 1e-6 })).toBeDefined();
    }),
  );
});

test('no stretch of time sees more than the burst and what the rate adds to it', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 150 });
  fc.assert(
    fc.property(
      arrivals,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }),
      (gaps, burst, requestsPerSecond) => {
        const rate = { burst, requestsPerSecond };
        let bucket: TokenBucket = { tokens: burst, at: start };
        let now = start;
        const served: number[] = [];
        for (const gap of gaps) {
          now = plus(now, milliseconds(gap));
          bucket = refill(bucket, rate, now);
          const taken = take(bucket);
          if (!taken) continue;
          bucket = taken;
          served.push(now);
        }
        for (const [first, from] of served.entries()) {
          for (const [last, to] of served.entries()) {
            if (last < first) continue;
            const allowed = burst + (requestsPerSecond * (to - from)) / 1000;
            expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
          }
        }
      },
    ),
  );
});
