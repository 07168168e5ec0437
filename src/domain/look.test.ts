import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes } from '../std/duration.ts';
import { between, instantOf, minus, plus } from '../std/instant.ts';
import { type Look, nextLook } from './look.ts';

const at = (t: number): Look => ({ at: instantOf(t), differences: [] });
const start = Date.parse('2026-06-01T12:00:00Z');

describe('the next look at a client', () => {
  const time = fc.integer({ min: 0, max: start });
  const interval = fc.integer({ min: 1, max: 24 * 60 }).map(minutes);

  it('comes within an interval, and the one after it an interval later', () => {
    fc.assert(
      fc.property(time, fc.uuid(), interval, (t, uid, every) => {
        const next = nextLook(at(t), uid, every);
        expect(next).toBeGreaterThan(t);
        expect(between(instantOf(t), next)).toBeLessThanOrEqual(every + 1);
        expect(Math.abs(between(plus(next, every), nextLook(at(next), uid, every)))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not move because of a restart', () => {
    const next = nextLook(at(start), 'uid', minutes(30));
    expect(nextLook(at(minus(next, minutes(1))), 'uid', minutes(30))).toBe(next);
  });

  it('is spread over the interval: of a thousand clients no minute of thirty has more than sixty', () => {
    const perMinute = new Map<number, number>();
    for (let n = 0; n < 1000; n++) {
      const next = nextLook(at(start), `uid-${n}`, minutes(30));
      const minute = Math.floor((next - start) / 60_000);
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    }
    expect(Math.max(...perMinute.values())).toBeLessThan(60);
  });
});
