import { type Duration, hours, minutes } from '../std/duration.ts';
import { between, type Instant, instantIn } from '../std/instant.ts';

/** How long ago something was, as kubectl writes ages: `42s`, `7m`, `3h`, `12d`. A time that cannot be read is `?`. */
export function ageOf(time: string, now: Instant): string {
  const then = instantIn(time);
  return then === undefined ? '?' : shortly(between(then, now));
}

/** A span of time in one unit, or two where the first alone would say little. */
export function shortly(duration: Duration): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  if (duration < minutes(2)) return `${seconds}s`;
  const whole = Math.floor(seconds / 60);
  if (duration < minutes(10)) return `${whole}m${seconds % 60 === 0 ? '' : `${seconds % 60}s`}`;
  if (duration < hours(3)) return `${whole}m`;
  const wholeHours = Math.floor(whole / 60);
  return wholeHours < 48 ? `${wholeHours}h` : `${Math.floor(wholeHours / 24)}d`;
}
