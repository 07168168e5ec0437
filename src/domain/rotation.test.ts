import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import { type Duration, minutes, seconds } from '../std/duration.ts';
import { between, minus, plus } from '../std/instant.ts';
import { believed, canKeepFloor, isFromTheFuture, minRemainingOf, renewalOf, spreadOf } from './rotation.ts';

const anyLife = fc.integer({ min: 5_000, max: 86_400_000 }).map((ms) => ms as Duration);
const anySpread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyGeneration = fc.integer({ min: 1, max: 1000 });
const anyLateness = fc.integer({ min: -86_400_000, max: 86_400_000 }).map((ms) => ms as Duration);
const anyPercent = fc.integer({ min: 10, max: 75 });

const lived = (life: Duration, generation: number) => ({
  issuedAt: now,
  expiresAt: plus(now, life),
  generation,
});

describe('when a token is renewed', () => {
  it.each([
    ['a first token renews early if its binding drew a small number', 1, 0, 5],
    ['a first token renews late if its binding drew a great one', 1, 0.999_999, 70],
    ['later ones stay within 5 points of what is asked, below', 2, 0, 60],
    ['later ones stay within 5 points of what is asked, above', 2, 0.999_999, 70],
  ])('%s', (_, generation, spread, percent) => {
    const { renewAt } = renewalOf(lived(minutes(10), generation), { renewAtPercent: 65 }, spread);
    expect(between(now, renewAt) / minutes(10)).toBeCloseTo(percent / 100, 3);
  });

  it.each([
    ['after a token that came late, as much earlier', seconds(60), 55],
    ['after a token that came too late for that, anywhere before what is asked', seconds(361), 37.5],
    ['after a token that came hours late, too', minutes(600), 37.5],
    ['after one that says it was due after it came, as usual', seconds(-60), 65],
  ])('%s', (_, late, percent) => {
    const life = { ...lived(minutes(10), 2), dueAt: minus(now, late) };
    const { renewAt } = renewalOf(life, { renewAtPercent: 65 }, 0.5);
    expect(between(now, renewAt) / minutes(10)).toBeCloseTo(percent / 100, 3);
  });

  it('after a token that came late is earlier where the floor decides, too', () => {
    const life = { ...lived(minutes(10), 2), dueAt: minus(now, minutes(1)) };
    const policy = { renewAtPercent: 65, minRemaining: minutes(6) };
    expect(between(now, renewalOf(life, policy, 0.5).renewAt)).toBe(minutes(3));
  });

  it('stays as spread as it was after an outage that held many up', () => {
    const life = minutes(10);
    const policy = { renewAtPercent: 65 };
    // Due one after the other in three minutes of outage; all came at its end.
    const held = Array.from({ length: 180 }, (_, n) => {
      const dueAt = plus(minus(now, minutes(3)), seconds(n));
      return renewalOf({ ...lived(life, 2), dueAt }, policy, spreadOf(`binding-${n}`, 2)).renewAt;
    });
    const perThirtySeconds = Map.groupBy(held, (at) => Math.floor(at / seconds(30)));
    expect(Math.max(...[...perThirtySeconds.values()].map((those) => those.length))).toBeLessThan(60);
  });

  it('is never after the floor, and never before the token was there', () => {
    fc.assert(
      fc.property(
        anyLife,
        anyGeneration,
        anySpread,
        anyPercent,
        anyLateness,
        (life, generation, spread, renewAtPercent, late) => {
          const token = { ...lived(life, generation), dueAt: minus(now, late) };
          const { renewAt, lateAt } = renewalOf(token, { renewAtPercent }, spread);
          expect(renewAt).toBeGreaterThan(now);
          expect(renewAt).toBeLessThanOrEqual(lateAt);
          expect(lateAt).toBeLessThan(plus(now, life));
        },
      ),
    );
  });

  it('leaves at least the floor that the binding asks for, where its life has room for it', () => {
    fc.assert(
      fc.property(anyLife, anyLife, anyGeneration, anySpread, (life, minRemaining, generation, spread) => {
        const policy = { renewAtPercent: 65, minRemaining };
        fc.pre(canKeepFloor(life, policy));
        const { renewAt } = renewalOf(lived(life, generation), policy, spread);
        expect(between(renewAt, plus(now, life))).toBeGreaterThanOrEqual(minRemaining);
        // Room between renewals: what is renewed is not due again at once.
        expect(between(now, renewAt)).toBeGreaterThanOrEqual(Math.min(life / 4, life * 0.05) - 1);
      }),
    );
  });

  it('differs between bindings and between the generations of one, and never changes', () => {
    const spreads = ['a', 'b'].flatMap((uid) => [1, 2].map((generation) => spreadOf(uid, generation)));
    expect(new Set(spreads).size).toBe(4);
    expect(spreadOf('a', 1)).toBe(spreads[0]);
  });

  it.each([
    [minutes(60), undefined, minutes(2)],
    [seconds(20), undefined, seconds(5)],
    [minutes(60), minutes(10), minutes(10)],
  ])('for a life of %i ms and a wish of %s the floor is %i ms', (life, minRemaining, floor) => {
    expect(minRemainingOf(life, { renewAtPercent: 65, minRemaining })).toBe(floor);
  });

  it('has no room for a floor above three quarters of the life', () => {
    expect(canKeepFloor(minutes(4), { renewAtPercent: 65, minRemaining: minutes(3) })).toBe(true);
    expect(canKeepFloor(minutes(4), { renewAtPercent: 65, minRemaining: seconds(181) })).toBe(false);
  });
});

describe('a token that lives too briefly', () => {
  it('cannot be kept: it would be renewed all the time', () => {
    expect(canKeepFloor(seconds(4), { renewAtPercent: 65 })).toBe(false);
    expect(canKeepFloor(seconds(5), { renewAtPercent: 65 })).toBe(true);
  });
});

describe('what is believed of a recorded life', () => {
  it('ends at issue + ceiling, whatever the annotation says', () => {
    const forged = lived(minutes(100_000), 1);
    expect(believed(forged, minutes(15), now).expiresAt).toBe(plus(now, minutes(15)));
  });

  it('ends at the ceiling from now on when it lies in the future: a clock was set back, or the annotation was forged', () => {
    const then = minus(now, minutes(10));
    const forged = lived(minutes(100_000), 1);
    expect(believed(forged, minutes(15), then).expiresAt).toBe(plus(then, minutes(15)));
    expect(isFromTheFuture(forged, then)).toBe(true);
    expect(isFromTheFuture(forged, minus(now, seconds(10)))).toBe(false);
  });
});
