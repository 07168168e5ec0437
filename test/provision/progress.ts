import { systemClock } from '../../src/std/clock.ts';
import { type Duration, formatDuration, milliseconds, seconds } from '../../src/std/duration.ts';

/** One line for the person who waits. */
export type Report = (line: string) => void;

/** Runs `work` and calls `tick` with the time that went by every `interval` until it is done, so that nobody thinks it hangs. */
export async function withProgress<T>(
  tick: (elapsed: string) => void,
  work: () => Promise<T>,
  interval: Duration = seconds(10),
): Promise<T> {
  const start = systemClock.now();
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = systemClock.after(interval, () => {
      tick(formatDuration(milliseconds(systemClock.now() - start)));
      arm();
    });
  };
  arm();
  try {
    return await work();
  } finally {
    cancel();
  }
}
