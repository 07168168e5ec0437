import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from './duration.ts';
import { instantOf } from './instant.ts';
import { longestPause, parseRetryAfter, shortestPause } from './retry-after.ts';

const now = instantOf(Date.parse('2026-11-24T10:00:00Z'));

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', undefined, seconds(7)],
    ['blanks around', ' 7 ', undefined, seconds(7)],
    ['no seconds', '0', undefined, shortestPause],
    ['a year', '31536000', undefined, longestPause],
    ['a date', 'Tue, 24 Nov 2026 10:00:30 GMT', undefined, seconds(30)],
    ['a date in the past', 'Tue, 24 Nov 2026 09:00:00 GMT', undefined, shortestPause],
    ['a date far ahead', 'Tue, 24 Nov 2037 10:00:00 GMT', undefined, longestPause],
    [
      'a date by a clock five minutes ahead',
      'Tue, 24 Nov 2026 10:05:30 GMT',
      'Tue, 24 Nov 2026 10:05:00 GMT',
      seconds(30),
    ],
    [
      'a date by a clock five minutes behind',
      'Tue, 24 Nov 2026 09:55:30 GMT',
      'Tue, 24 Nov 2026 09:55:00 GMT',
      seconds(30),
    ],
    ['a date beside a broken Date', 'Tue, 24 Nov 2026 10:00:30 GMT', 'yesterday', seconds(30)],
    ['nothing', '', undefined, undefined],
    ['a negative number', '-5', undefined, undefined],
    ['a fraction', '1.5', undefined, undefined],
    ['hexadecimal', '0x10', undefined, undefined],
    ['an ISO date', '2026-11-24T10:00:30Z', undefined, undefined],
    ['a word', 'soon', undefined, undefined],
  ])('with %s', (_, header, date, expected) => {
    expect(parseRetryAfter(header, date, now)).toBe(expected);
  });

  test('never asks for less than a second or more than five minutes, whatever it says', () => {
    const header = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(header, fc.option(header, { nil: undefined }), (value, date) => {
        const pause = parseRetryAfter(value, date, now);
        if (pause === undefined) return;
        expect(pause).toBeGreaterThanOrEqual(shortestPause);
        expect(pause).toBeLessThanOrEqual(longestPause);
      }),
    );
  });
});
