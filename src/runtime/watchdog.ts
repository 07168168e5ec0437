import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';

/** Aborts `signal` when no attempt has been confirmed for too long, counted from the *beginning* of the last confirmed one. */
export interface Watchdog {
  readonly signal: AbortSignal;
  /** Call before an attempt. `confirm` starts the wait anew from that moment; `dismiss` leaves it as it was. */
  attempt(): { confirm(): void; dismiss(): void };
  /** Aborts now. */
  bite(): void;
  /** Stops waiting, without aborting. */
  stop(): void;
}

export function createWatchdog(clock: Clock, patience: Duration): Watchdog {
  const controller = new AbortController();
  let disarm = (): void => {};
  let stopped = false;
  const bite = (): void => {
    disarm();
    controller.abort();
  };
  return {
    signal: controller.signal,
    attempt() {
      const cancel = clock.after(patience, bite);
      return {
        confirm() {
          disarm();
          if (stopped || controller.signal.aborted) cancel();
          else disarm = cancel;
        },
        dismiss: cancel,
      };
    },
    bite,
    stop() {
      stopped = true;
      disarm();
    },
  };
}
