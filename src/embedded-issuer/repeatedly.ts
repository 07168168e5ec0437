import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';

/** Runs `work` every `interval`, counted from the end of the run before. The function that is returned ends it. */
export function repeatedly(clock: Clock, interval: Duration, work: () => Promise<void> | void): () => void {
  let stopped = false;
  let cancel: () => void;
  const arm = (): void => {
    cancel = clock.after(interval, () => void run());
  };
  const run = async (): Promise<void> => {
    await work();
    if (!stopped) arm();
  };
  arm();
  return () => {
    stopped = true;
    cancel();
  };
}
