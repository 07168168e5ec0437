import { describe, expect, it } from 'vitest';
import { deckOf, seeded } from './random.ts';

const drawn = (seed: number, count: number): string[] => {
  const deck = deckOf(['a', 'b', 'c', 'd'], seeded(seed));
  return Array.from({ length: count }, () => deck.next().value);
};

describe('chance with a seed', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawn(7, 40)).toEqual(drawn(7, 40));
    expect(drawn(7, 40)).not.toEqual(drawn(8, 40));
  });

  it('gives numbers from 0 to below 1, evenly', () => {
    const random = seeded(1);
    const numbers = Array.from({ length: 10_000 }, random);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, n) => sum + n, 0) / 10_000).toBeCloseTo(0.5, 1);
  });

  it('draws each item once before any comes again', () => {
    const items = drawn(3, 40);
    for (let round = 0; round < 40; round += 4) {
      expect(new Set(items.slice(round, round + 4)).size).toBe(4);
    }
  });
});
