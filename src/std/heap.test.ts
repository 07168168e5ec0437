import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeap, type HeapItem } from './heap.ts';

interface Item extends HeapItem {
  readonly rank: number;
}

test('a heap gives what is in it in order, whatever was taken out before', () => {
  const command = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ remove: fc.nat(30) }),
    fc.constant({ shift: true }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const heap = createHeap<Item>((a, b) => a.rank < b.rank);
      const model: Item[] = [];
      const all: Item[] = [];
      const drop = (item: Item | undefined): void => {
        if (item === undefined) return;
        heap.remove(item);
        if (model.includes(item)) model.splice(model.indexOf(item), 1);
      };
      for (const step of commands) {
        if ('push' in step) {
          const item = { rank: step.push, position: -1 };
          heap.push(item);
          model.push(item);
          all.push(item);
        } else drop('remove' in step ? all[step.remove] : heap.first);
        expect(heap.size).toBe(model.length);
        expect(heap.first?.rank).toBe(
          model.length === 0 ? undefined : Math.min(...model.map(({ rank }) => rank)),
        );
      }
    }),
  );
});
