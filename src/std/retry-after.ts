import { type Duration, milliseconds, minutes, seconds } from './duration.ts';
import { between, type Instant, instantOf } from './instant.ts';

/** No header makes us wait longer: one request every five minutes harms nobody, a year's pause would. */
export const longestPause = minutes(5);
/** No header makes us come back sooner: `Retry-After: 0` is no invitation to a hot loop. */
export const shortestPause = seconds(1);

const deltaSeconds = /^[0-9]{1,10}$/;
// The one form of HTTP-date that servers must send (RFC 9110 section 5.6.7).
const imfFixdate =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;

/** Reads an HTTP-date; undefined for anything else. */
function parseHttpDate(text: string): Instant | undefined {
  const time = imfFixdate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : instantOf(time);
}

/**
 * The pause that `Retry-After` asks for (RFC 9110 section 10.2.3: seconds or a date), between `shortestPause` and `longestPause`.
 * A date is taken relative to the answer's own `Date`, so that a server whose clock is off means what it says.
 */
export function parseRetryAfter(
  header: string,
  date: string | undefined,
  now: Instant,
): Duration | undefined {
  const text = header.trim();
  const clamp = (wait: number): Duration =>
    milliseconds(Math.min(longestPause, Math.max(shortestPause, wait)));
  if (deltaSeconds.test(text)) return clamp(Number(text) * 1000);
  const until = parseHttpDate(text);
  return until === undefined ? undefined : clamp(between(parseHttpDate(date?.trim() ?? '') ?? now, until));
}
