import { type Clock, systemClock } from '../../src/std/clock.ts';
import { type Duration, milliseconds } from '../../src/std/duration.ts';
import { plus } from '../../src/std/instant.ts';

/** The machine's clock, running `speed` times as fast: hours of a controller in minutes, next to servers that keep their own time. */
export function createHurriedClock(speed: number): Clock {
  const start = systemClock.now();
  const from = systemClock.elapsed();
  const elapsed = (): Duration => milliseconds((systemClock.elapsed() - from) * speed);
  return {
    now: () => plus(start, milliseconds(Math.round(elapsed()))),
    elapsed,
    after: (delay, callback) => systemClock.after(milliseconds(delay / speed), callback),
    breathe: () => systemClock.breathe(),
  };
}
