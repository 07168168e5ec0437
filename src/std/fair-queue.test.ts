import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFairQueue } from './fair-queue.ts';

test('lanes take turns, and each keeps its order', () => {
  const queue = createFairQueue<string>(10);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item);
  const served = Array.from({ length: 6 }, () => queue.shift());
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  expect(queue.shift()).toBeUndefined();
});

test('a full lane refuses, others do not', () => {
  const queue = createFairQueue<number>(2);
  expect([queue.push('a', 1), queue.push('a', 2), queue.push('a', 3), queue.push('b', 4)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  queue.remove('a', 1);
  expect(queue.push('a', 5)).toBe(true);
  expect(queue.size).toBe(3);
});

test('nobody waits for more than one item of each other lane, nothing is lost or served twice', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), lane: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ kind: fc.constant('shift' as const) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const queue = createFairQueue<number>(8);
      let next = 0;
      // The model: what waits, in order of arrival, and how many of each other lane overtook it.
      let waiting: Array<{ readonly id: number; readonly lane: string; readonly overtakenBy: string[] }> = [];
      for (const step of operations) {
        if (step.kind === 'push') {
          const lane = `lane-${step.lane}`;
          const full = waiting.filter((item) => item.lane === lane).length === 8;
          expect(queue.push(lane, next)).toBe(!full);
          if (!full) waiting.push({ id: next, lane, overtakenBy: [] });
          next += 1;
        } else if (step.kind === 'remove' && waiting.length > 0) {
          const item = waiting[step.at % waiting.length]!;
          queue.remove(item.lane, item.id);
          waiting = waiting.filter((other) => other !== item);
        } else if (step.kind === 'shift') {
          const id = queue.shift();
          const served = waiting.find((item) => item.id === id);
          expect(served === undefined).toBe(waiting.length === 0);
          if (served === undefined) continue;
          waiting = waiting.filter((item) => item !== served);
          expect(waiting.some((item) => item.lane === served.lane && item.id < served.id)).toBe(false);
          const firsts = new Map(waiting.toReversed().map((item) => [item.lane, item]));
          for (const [lane, first] of firsts) if (lane !== served.lane) first.overtakenBy.push(served.lane);
          for (const { overtakenBy } of firsts.values())
            expect(new Set(overtakenBy).size).toBe(overtakenBy.length);
        }
        expect(queue.size).toBe(waiting.length);
      }
    }),
  );
});
