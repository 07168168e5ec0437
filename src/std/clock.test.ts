import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';

const hold = (milliseconds: number): void => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

it('lets the event loop turn between things that hold it', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for (let n = 0; n < 10; n++) {
    hold(12);
    await systemClock.breathe();
  }
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(9);
});

it('waits for nothing where the last turn was a moment ago, and gives one turn to all who ask meanwhile', async () => {
  hold(12);
  const turn = systemClock.breathe();
  expect(turn).toBeInstanceOf(Promise);
  expect(systemClock.breathe()).toBe(turn);
  await turn;
  expect(systemClock.breathe()).toBeUndefined();
});
