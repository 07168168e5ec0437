import type { Clock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';

/** How often it is looked at whether what is waited for may still be delivered. */
const looksEvery = seconds(1);

/**
 * A signal that aborts when `parent` does, or soon after something has lapsed: who waits for an issuer that hangs hears of a suspension, and
 * can take away what is there. Call `dispose` when the work is done.
 */
export function untilLapsed(
  clock: Clock,
  lapse: () => string | undefined,
  parent: AbortSignal,
): { readonly signal: AbortSignal; dispose(): void } {
  const lapsed = new AbortController();
  const look = (): void => {
    if (lapse() === undefined) cancel = clock.after(looksEvery, look);
    else lapsed.abort();
  };
  let cancel = clock.after(looksEvery, look);
  return { signal: AbortSignal.any([parent, lapsed.signal]), dispose: () => cancel() };
}
