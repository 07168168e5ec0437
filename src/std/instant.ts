import type { Duration } from './duration.ts';
import { err, ok, type Result } from './result.ts';

declare const instant: unique symbol;

/** A point in time, in milliseconds since the Unix epoch. */
export type Instant = number & { readonly [instant]: true };

export const instantOf = (epochMilliseconds: number): Instant => epochMilliseconds as Instant;

/** From `exp`, `iat`, `nbf` of a JWT (NumericDate, RFC 7519 section 2). */
export const fromNumericDate = (seconds: number): Instant => (seconds * 1000) as Instant;

export const plus = (t: Instant, d: Duration): Instant => (t + d) as Instant;
export const minus = (t: Instant, d: Duration): Instant => (t - d) as Instant;

/** The time from `earlier` to `later`; negative when they are the other way round. */
export const between = (earlier: Instant, later: Instant): Duration =>
  (later - earlier) as unknown as Duration;
export const latest = (...times: readonly Instant[]): Instant => Math.max(...times) as Instant;
export const earliest = (...times: readonly Instant[]): Instant => Math.min(...times) as Instant;
/** The earliest of those that there are. */
export function earliestKnown(...times: readonly (Instant | undefined)[]): Instant | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : earliest(...known);
}

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. */
export const formatInstant = (t: Instant): string => `${new Date(t).toISOString().slice(0, 19)}Z`;

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Reads an RFC 3339 time, as found in `metadata.creationTimestamp` and in our annotations. */
export function parseInstant(text: string): Result<Instant, string> {
  const value = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(value) ? err(`"${text.slice(0, 40)}" is not an RFC 3339 time`) : ok(instantOf(value));
}

/** The same for a time that may be missing: one that is not there, or cannot be read, is none. */
export function instantIn(text: string | undefined): Instant | undefined {
  const read = text === undefined ? undefined : parseInstant(text);
  return read?.ok ? read.value : undefined;
}
