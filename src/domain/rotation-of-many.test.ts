import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import { fractionOf } from '../std/digest.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { renewalOf, spreadOf } from './rotation.ts';

const life = seconds(120);
const policy = { renewAtPercent: 60 };
const end = plus(now, seconds(900));

interface Outage {
  readonly from: Instant;
  readonly to: Instant;
}

const outage = (from: number, lasting: number): Outage => ({
  from: plus(now, seconds(from)),
  to: plus(now, seconds(from + lasting)),
});

/** When a binding that was born within 20 s of the others renews. What is due in an outage comes up to 5 s after it. */
function renewalsOf(uid: string, outages: readonly Outage[]): Instant[] {
  const renewals: Instant[] = [];
  let issuedAt = plus(now, milliseconds(20_000 * fractionOf(uid)));
  let dueAt: Instant | undefined;
  for (let generation = 1; issuedAt < end; generation++) {
    const token = { issuedAt, expiresAt: plus(issuedAt, life), dueAt, generation };
    const due = renewalOf(token, policy, spreadOf(uid, generation)).renewAt;
    const inTheWay = outages.find(({ from, to }) => from <= due && due < to);
    const takes = seconds(inTheWay ? 5 * fractionOf(`${uid} ${generation} late`) : 0.2);
    issuedAt = plus(inTheWay?.to ?? due, takes);
    expect(issuedAt).toBeLessThan(token.expiresAt);
    dueAt = due;
    renewals.push(issuedAt);
  }
  return renewals;
}

/** The greatest number of renewals in 10 s by the mean, after the second cycle, outside outages and the 10 s after each. */
function peakToMean(outages: readonly Outage[]): number {
  const renewals = Array.from({ length: 1000 }, (_, n) => renewalsOf(`binding-${n}`, outages)).flat();
  const counts: number[] = [];
  for (let from = plus(now, seconds(180)); plus(from, seconds(10)) <= end; from = plus(from, seconds(10))) {
    const to = plus(from, seconds(10));
    if (outages.some((one) => one.from < to && from < plus(one.to, seconds(10)))) continue;
    counts.push(renewals.filter((at) => from <= at && at < to).length);
  }
  return Math.max(...counts) / (counts.reduce((sum, count) => sum + count, 0) / counts.length);
}

describe('a thousand bindings that were born together', () => {
  it('are renewed evenly from the second cycle on', () => {
    expect(peakToMean([])).toBeLessThan(1.3);
  });

  it('are renewed as evenly between outages that hold up many of them', () => {
    expect(peakToMean([100, 170, 250, 320, 400, 500, 580, 700].map((at) => outage(at, 15)))).toBeLessThan(
      1.3,
    );
  });
});
