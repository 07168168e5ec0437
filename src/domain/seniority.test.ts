import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Age } from './eldest.ts';
import { Seniority } from './seniority.ts';

const aged = (uid: string, second = 0): Age => ({
  uid,
  creationTimestamp: `2026-01-01T00:00:0${second}Z`,
});

describe('within a quota', () => {
  it.each([
    [0, ''],
    [1, 'c'],
    [2, 'c a'],
    [3, 'c a b'],
    [4, 'c a b'],
  ])('of %i are the oldest, and of one second those with the lesser UID: %s', (quota, within) => {
    const all = [aged('b', 1), aged('c', 0), aged('a', 1)];
    const seniority = new Seniority(all);
    const inside = all.filter((one) => !seniority.isBeyond(quota, one)).map(({ uid }) => uid);
    expect(inside.sort()).toEqual(within.split(' ').filter(Boolean).sort());
  });

  it('is the same, however they came and went; who is affected is told, and nobody else is affected', () => {
    // Few seconds and few UIDs, so that ages are often equal and the same object comes and goes.
    const one = fc.record({ second: fc.nat(2), uid: fc.constantFrom(...'a b c d e f g h i j'.split(' ')) });
    const step = fc.record({ comes: fc.boolean(), one });
    let shifts = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), fc.nat(4), (steps, quota) => {
        const present = new Map<string, Age>();
        const seniority = new Seniority<Age>();
        const within = (): Set<string> =>
          new Set(
            [...present.values()]
              .sort((a, b) => (a.creationTimestamp + a.uid < b.creationTimestamp + b.uid ? -1 : 1))
              .slice(0, quota)
              .map(({ uid }) => uid),
          );
        for (const {
          comes,
          one: { uid, second },
        } of steps) {
          const before = within();
          const known = present.get(uid);
          const it = known ?? aged(uid, second);
          const affected = comes ? seniority.add(quota, it) : seniority.delete(quota, it);
          if (comes) present.set(uid, it);
          else present.delete(uid);
          const after = within();
          const changed = [...present.keys()].filter(
            (key) => key !== uid && before.has(key) !== after.has(key),
          );
          expect(affected === undefined ? [] : [affected.uid]).toEqual(changed);
          for (const age of present.values())
            expect(seniority.isBeyond(quota, age)).toBe(!after.has(age.uid));
          shifts += changed.length;
        }
      }),
    );
    expect(shifts).toBeGreaterThan(50);
  });
});
