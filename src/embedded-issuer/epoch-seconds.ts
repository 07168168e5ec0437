import type { Clock } from '../std/clock.ts';

/** The time as a NumericDate (RFC 7519 section 2): whole seconds since the epoch, as `iat` and `exp` carry it. */
export const epochSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000);
