import type { Stored } from '../kube/objects.ts';
import type { Clock } from '../std/clock.ts';
import { durationOf, type Lease } from './lease.ts';

/** Knows for how long another's lease has been seen without a change, by our own timer. */
export function observeLease(clock: Clock): {
  readonly isExpired: (lease: Stored<Lease>) => boolean;
  stop(): void;
} {
  let version: string | undefined;
  let expired = false;
  let stop = (): void => {};
  return {
    isExpired(lease) {
      if (lease.metadata.resourceVersion !== version) {
        stop();
        version = lease.metadata.resourceVersion;
        expired = false;
        stop = clock.after(durationOf(lease), () => {
          expired = true;
        });
      }
      return expired;
    },
    stop: () => stop(),
  };
}
