import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MaintenanceWindow, weekdays } from '../api/rotation-field.ts';
import { hours, minutes } from '../std/duration.ts';
import { formatInstant, instantOf } from '../std/instant.ts';
import { nextOpening } from './credential-window.ts';

const window = (change: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  ...{ days: ['Sat', 'Sun'], start: '02:00', duration: hours(4) },
  ...change,
});
const at = (text: string) => instantOf(Date.parse(text));

describe('a maintenance window', () => {
  it.each<[string, MaintenanceWindow, string, number, string]>([
    ['opens on the next of its days', window(), '2026-06-01T12:00:00Z', 0, '2026-06-06T02:00:00Z'],
    ['is open', window(), '2026-06-06T05:59:59Z', 0, '2026-06-06T05:59:59Z'],
    ['is closed when its time is over', window(), '2026-06-06T06:00:00Z', 0, '2026-06-07T02:00:00Z'],
    ['has a time of its own for each client', window(), '2026-06-06T01:00:00Z', 0.5, '2026-06-06T03:00:00Z'],
    [
      'does not wait for that when it is later',
      window(),
      '2026-06-06T04:00:00Z',
      0.5,
      '2026-06-06T04:00:00Z',
    ],
    [
      'may reach into a day that is not listed',
      window({ days: ['Sun'], start: '23:00' }),
      '2026-06-08T01:00:00Z',
      0,
      '2026-06-08T01:00:00Z',
    ],
    [
      'comes again after a week',
      window({ days: ['Mon'] }),
      '2026-06-01T06:00:00Z',
      0,
      '2026-06-08T02:00:00Z',
    ],
  ])('%s', (_, open, now, share, expected) => {
    expect(formatInstant(nextOpening(open, at(now), share))).toBe(expected);
  });

  it('lets everybody begin within it, and nobody before now', () => {
    const anyWindow = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 }),
      start: fc.constantFrom('00:00', '02:30', '23:59'),
      duration: fc.integer({ min: 15, max: 24 * 60 }).map(minutes),
    });
    const now = fc
      .integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') })
      .map(instantOf);
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(anyWindow, now, share, (open, from, part) => {
        const begins = nextOpening(open, from, part);
        expect(begins).toBeGreaterThanOrEqual(from);
        expect(nextOpening(open, begins, 0)).toBe(begins);
      }),
    );
  });
});
