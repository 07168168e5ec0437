import { expect, it } from 'vitest';
import { drawFaults, faultNames } from './faults.ts';
import { seeded } from './random.ts';

it('all faults come before one comes again, and each third ends a leader', () => {
  const drawn = drawFaults(seeded(5));
  const names = Array.from({ length: 27 }, () => drawn.next().value);
  const endings = names.filter((name) => name.startsWith('leader'));
  expect(endings).toEqual(names.filter((_, n) => n % 3 === 2));
  const outages = names.filter((name) => !name.startsWith('leader'));
  for (const round of [outages.slice(0, 9), outages.slice(9, 18)]) expect(new Set(round).size).toBe(9);
  expect(new Set(endings.slice(0, 2)).size).toBe(2);
  expect(new Set(names)).toEqual(new Set(faultNames));
});
