import { err, ok, type Result } from './result.ts';

declare const duration: unique symbol;

/** A span of time in milliseconds. Made by `milliseconds`, `seconds`, `minutes`, `hours` or `parseDuration` only. */
export type Duration = number & { readonly [duration]: true };

export const milliseconds = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => (n * 1000) as Duration;
export const minutes = (n: number): Duration => (n * 60_000) as Duration;
export const hours = (n: number): Duration => (n * 3_600_000) as Duration;

/** Whole seconds, rounded down: what OAuth's `expires_in` and Kubernetes' `…Seconds` fields carry. */
export const toSeconds = (d: Duration): number => Math.floor(d / 1000);

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** The grammar of every duration in our kinds: hours, minutes and seconds, in this order, e.g. `90s`, `15m`, `1h30m`. */
export const durationPattern = '^([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,7}s)?$';
const durationExpression = new RegExp(durationPattern);

/** Reads a duration written as in our manifests. Refuses the empty string and anything outside `durationPattern`. */
export function parseDuration(text: string): Result<Duration, string> {
  if (text === '' || text.length > 24 || !durationExpression.test(text)) {
    return err(`"${text.slice(0, 40)}" is not a duration; write for example 90s, 15m or 1h30m`);
  }
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]+)([hms])/g)) {
    total += Number(digits) * (units[unit ?? ''] ?? 0);
  }
  return ok(milliseconds(total));
}

/** The shortest way to write a duration for a person: `1h30m`, `90s` becomes `1m30s`. Parts of a second are dropped. */
export function formatDuration(d: Duration): string {
  const total = Math.max(0, toSeconds(d));
  const h = Math.floor(total / 3600);
  const m = Math.floor((total % 3600) / 60);
  const s = total % 60;
  const text = `${h > 0 ? `${h}h` : ''}${m > 0 ? `${m}m` : ''}${s > 0 ? `${s}s` : ''}`;
  return text === '' ? '0s' : text;
}
