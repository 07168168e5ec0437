import type { Clock } from '../std/clock.ts';
import { type Duration, seconds } from '../std/duration.ts';
import { between, type Instant } from '../std/instant.ts';
import type { Access, AccessSource } from './cluster-config.ts';

/** As often as client-go does: a projected token is renewed by the kubelet long before it expires. */
const freshFor = seconds(60);

/** A refusal that comes with every call must not start a credential plug-in with every call, nor may a plug-in that fails. */
const shortestBetweenReadings = seconds(5);

/**
 * Remembers what `read` gave for 60 s, reads once for all who wait, and keeps the old when a periodic read fails, since a file
 * that is being replaced is no reason to stop. `read` is told whether the old was refused.
 */
export function rememberAccess(clock: Clock, read: (refused: boolean) => Promise<Access>): AccessSource {
  let last: { readonly access: Access; readonly at: Instant } | undefined;
  let failed: { readonly cause: unknown; readonly at: Instant } | undefined;
  let reading: Promise<Access> | undefined;

  const readOnce = (refused: boolean): Promise<Access> => {
    reading ??= read(refused)
      .then(
        (access) => {
          last = { access, at: clock.now() };
          failed = undefined;
          return access;
        },
        (cause: unknown) => {
          failed = { cause, at: clock.now() };
          throw cause;
        },
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  // The absolute value: a machine's clock may be set back.
  const isYounger = (it: { readonly at: Instant } | undefined, age: Duration): boolean =>
    it !== undefined && Math.abs(between(it.at, clock.now())) < age;

  return {
    async access() {
      if (last === undefined) return readOnce(false);
      if (isYounger(last, freshFor) || isYounger(failed, shortestBetweenReadings)) return last.access;
      const old = last.access;
      return readOnce(false).catch(() => old);
    },
    async renew() {
      if (isYounger(failed, shortestBetweenReadings)) throw failed?.cause;
      if (last !== undefined && isYounger(last, shortestBetweenReadings)) return last.access;
      return readOnce(true);
    },
  };
}
