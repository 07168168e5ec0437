import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import { minutes, seconds } from '../std/duration.ts';
import { between, minus, plus } from '../std/instant.ts';
import { type RetryClass, retryAt } from './attempt.ts';

const wait = (retry: RetryClass, count: number, spread = 0, retryAfter = seconds(0)) =>
  between(
    now,
    retryAt(
      { fingerprint: 'x', failure: { reason: 'Pending', message: '', retry, retryAfter }, at: now, count },
      spread,
      now,
    ),
  );

describe('the wait after a failure', () => {
  it.each<[RetryClass, number, number]>([
    ['soon', 1, seconds(1)],
    ['soon', 4, seconds(8)],
    ['soon', 100, minutes(1)],
    ['slow', 1, seconds(15)],
    ['slow', 100, minutes(10)],
    ['wait', 1, minutes(2)],
    ['wait', 100, minutes(10)],
  ])('is, for %s, after %i in a row, %i ms', (retry, count, expected) => {
    expect(wait(retry, count)).toBe(expected);
  });

  it('is over when the clock was set back since: how long it has been is not known', () => {
    const failure = { reason: 'Pending', message: '', retry: 'soon' } as const;
    const then = minus(now, minutes(60));
    expect(retryAt({ fingerprint: 'x', failure, at: now, count: 9 }, 0, then)).toBe(then);
  });

  it('is never shorter than the issuer asked, and spreads those who were all told the same', () => {
    expect(wait('soon', 1, 0, seconds(60))).toBe(seconds(60));
    expect(wait('soon', 1, 0.5, seconds(60))).toBe(seconds(63));
  });

  it.each<[string, number, number, number, number]>([
    ['a quarter of what is left of a token, where that is less', 6, 20, 0, 5],
    ['as usual while there is time', 3, 20, 0, 4],
    ['never less than after the first failure', 6, 2, 0, 1],
    ['as usual once the token has ended', 4, -1, 0, 8],
    ['not less than the issuer asked, whatever is left', 6, 20, 10, 10],
  ])('is %s', (_, count, left, retryAfter, expected) => {
    const failure = {
      reason: 'Pending',
      message: '',
      retry: 'soon',
      retryAfter: seconds(retryAfter),
    } as const;
    const endsAt = plus(now, seconds(left));
    const again = retryAt({ fingerprint: 'x', failure, at: now, count }, 0, now, endsAt);
    expect(between(now, again)).toBe(seconds(expected));
  });

  it('never shrinks with more failures, and is never a hot loop', () => {
    const anyRetry = fc.constantFrom<RetryClass>('soon', 'slow', 'wait');
    fc.assert(
      fc.property(
        anyRetry,
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (retry, count, spread) => {
          expect(wait(retry, count, spread)).toBeGreaterThanOrEqual(750);
          expect(wait(retry, count + 1, spread)).toBeGreaterThanOrEqual(wait(retry, count, spread));
        },
      ),
    );
  });
});
