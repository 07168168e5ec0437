import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPlaces } from './places.ts';

describe('places', () => {
  test('are as many as there are, and who has one enters again', () => {
    const called: string[] = [];
    const places = createPlaces(2, (key) => called.push(key));
    expect(['n/a', 'n/b', 'n/c', 'n/a'].map((key) => places.enter(key))).toEqual([true, true, false, true]);
    expect(called).toEqual([]);
  });

  test('that are given back are kept for who waits, namespaces in turn', () => {
    const called: string[] = [];
    const places = createPlaces(1, (key) => called.push(key));
    for (const key of ['noisy/1', 'noisy/2', 'noisy/3', 'quiet/1']) places.enter(key);
    places.leave('noisy/1');
    expect(called).toEqual(['noisy/2']);
    expect([places.enter('late/1'), places.enter('noisy/2')]).toEqual([false, true]);
    for (const key of ['noisy/2', 'quiet/1', 'noisy/3']) places.leave(key);
    expect(called).toEqual(['noisy/2', 'quiet/1', 'noisy/3', 'late/1']);
  });

  test('are never more than there are, and everybody is called who waits for one', () => {
    const key = fc.constantFrom('a/1', 'a/2', 'b/1', 'c/1');
    const steps = fc.array(fc.record({ key, act: fc.constantFrom('enter', 'leave') }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const holders = new Set<string>();
        const waiting = new Set<string>();
        const places = createPlaces(2, (called) => {
          expect(waiting.delete(called)).toBe(true);
          holders.add(called);
        });
        for (const { key, act } of all) {
          if (act === 'leave') {
            holders.delete(key);
            places.leave(key);
          } else (places.enter(key) ? holders : waiting).add(key);
          expect(holders.size).toBeLessThanOrEqual(2);
          expect(waiting.size > 0 && holders.size < 2).toBe(false);
        }
      }),
    );
  });
});
