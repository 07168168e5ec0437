import fc from 'fast-check';
import { expect, it } from 'vitest';
import { milliseconds } from '../../src/std/duration.ts';
import { FakeClock } from './fake-clock.ts';

it('a fake clock runs what is due by time and then in the order in which it was set, but for what was cancelled', async () => {
  const anyTimer = fc.record({ delay: fc.integer({ min: 0, max: 20 }), cancelled: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(anyTimer, { maxLength: 40 }), async (timers) => {
      const clock = new FakeClock();
      const start = clock.now();
      const ran: { readonly index: number; readonly at: number }[] = [];
      const cancels = timers.map(({ delay }, index) =>
        clock.after(milliseconds(delay), () => ran.push({ index, at: clock.now() - start })),
      );
      for (const [index, { cancelled }] of timers.entries()) if (cancelled) cancels[index]?.();
      const kept = timers.map(({ delay, cancelled }, index) => ({ index, at: delay, cancelled }));
      const expected = kept.filter(({ cancelled }) => !cancelled).sort((a, b) => a.at - b.at);
      expect(clock.pending).toBe(expected.length);
      await clock.advance(milliseconds(20));
      expect(ran).toEqual(expected.map(({ index, at }) => ({ index, at })));
      expect([clock.pending, clock.elapsed()]).toEqual([0, 20]);
    }),
    { numRuns: 200 },
  );
});
