import * as z from 'zod';
import { type Duration, durationPattern, formatDuration, parseDuration } from '../std/duration.ts';
import { withRule } from './rule.ts';

/** A duration from `min` to `max`, both included: text in manifests, a `Duration` once decoded. */
export function durationField(min: Duration, max: Duration) {
  const inRange = (text: string) => {
    const parsed = parseDuration(text);
    return parsed.ok && parsed.value >= min && parsed.value <= max;
  };
  const [from, to] = [formatDuration(min), formatDuration(max)];
  const written = withRule(z.string().max(24), {
    // `duration()` refuses what `matches` would let through, such as the empty string, by an error nobody can read.
    cel: `self != '' && self.matches(r'${durationPattern}') && duration(self) >= duration('${from}') && duration(self) <= duration('${to}')`,
    message: `write a duration from ${from} to ${to} in hours, minutes and seconds, such as 90s, 15m or 1h30m`,
    holds: inRange,
  });
  return written.transform((text): Duration => {
    const parsed = parseDuration(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  });
}
