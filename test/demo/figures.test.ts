import { describe, expect, it } from 'vitest';
import { brokenPromises, type Figures } from './figures.ts';

const good: Figures = {
  ready: 10,
  refused: 1,
  rotations: 100,
  apiCallsPerRotation: 2.05,
  etcdWritesPerRotation: 1.05,
  secondsToFirstToken: 10,
};
const unknown = { apiCallsPerRotation: null, etcdWritesPerRotation: null, secondsToFirstToken: null };

describe('the figures of the demo', () => {
  it('keep every promise when they are just good enough', () => {
    expect(brokenPromises(good)).toEqual([]);
  });

  it('keep those that cannot be measured on a cluster without our audit log', () => {
    expect(brokenPromises({ ...good, ...unknown })).toEqual([]);
  });

  it.each<[Partial<Figures>, string]>([
    [{ ready: 9 }, 'ready is 10'],
    [{ ready: 11 }, 'ready is 10'],
    [{ refused: 0 }, 'refused is 1'],
    [{ refused: 2 }, 'refused is 1'],
    [{ rotations: 99 }, 'rotations >= 100'],
    [{ apiCallsPerRotation: 2.051 }, 'apiCallsPerRotation <= 2.05'],
    [{ etcdWritesPerRotation: 1.051 }, 'etcdWritesPerRotation <= 1.05'],
    [{ secondsToFirstToken: 10.001 }, 'secondsToFirstToken <= 10'],
    [{ apiCallsPerRotation: NaN }, 'apiCallsPerRotation <= 2.05'],
  ])('with %o break one promise', (figures, promise) => {
    expect(brokenPromises({ ...good, ...figures })).toEqual([promise]);
  });

  it('are told of all at once', () => {
    expect(brokenPromises({ ...good, ready: 0, rotations: 0 })).toEqual(['ready is 10', 'rotations >= 100']);
  });
});
