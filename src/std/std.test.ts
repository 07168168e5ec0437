import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { canonicalJson, type Json, sameJson } from './canonical-json.ts';
import { deadline, sleep } from './clock.ts';
import { fractionOf } from './digest.ts';
import { formatDuration, milliseconds, minutes, parseDuration, seconds } from './duration.ts';
import { formatInstant, instantOf, parseInstant } from './instant.ts';
import { Secret } from './secret.ts';

describe('a Secret', () => {
  const secret = new Secret('hunter2');
  it.each<[string, (value: Secret) => string]>([
    ['as text', (value) => String(value)],
    ['joined to a text', (value) => ['x', value].join(' ')],
    ['as JSON', (value) => JSON.stringify(value)],
    ['inspected', (value) => inspect(value, { depth: 9, showHidden: true })],
    ['inside of an error', (value) => inspect(new Error('x', { cause: { value } }), { depth: 9 })],
    ['by its keys', (value) => Object.entries(value).join()],
  ])('does not show itself %s', (_, print) => {
    expect(print(secret)).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });

  it('can be compared without being shown', () => {
    expect(secret.equals(new Secret('hunter2'))).toBe(true);
    expect(secret.equals(new Secret('hunter3'))).toBe(false);
    expect(secret.equals(undefined)).toBe(false);
  });
});

describe('a duration', () => {
  it.each([
    ['90s', seconds(90)],
    ['15m', minutes(15)],
    ['1h30m', minutes(90)],
    ['1h0m1s', milliseconds(3_601_000)],
  ])('%s is %i ms', (text, expected) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: expected });
  });

  it.each(['', '5', 'm', '-5m', '1.5h', '30d', '1m1h', ' 5m', '5m\n', '9'.repeat(30)])(
    '%j is none',
    (text) => {
      expect(parseDuration(text).ok).toBe(false);
    },
  );

  it('reads what it writes, and never throws', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (s) => {
        expect(parseDuration(formatDuration(seconds(s)))).toEqual({ ok: true, value: seconds(s) });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseDuration(text)));
  });
});

describe('an instant', () => {
  it('reads what it writes, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (s) => {
        expect(parseInstant(formatInstant(instantOf(s * 1000)))).toEqual({ ok: true, value: s * 1000 });
      }),
    );
  });

  it.each(['', 'now', '2026-01-01', '2026-13-01T00:00:00Z', '2026-01-01 00:00:00', '1767225600'])(
    '%j is none',
    (text) => {
      expect(parseInstant(text).ok).toBe(false);
    },
  );
});

describe('canonical JSON', () => {
  it('is the same for the same value, whatever the order of its members, and parses back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned as Json)).toBe(canonicalJson(value as Json));
        expect(canonicalJson(JSON.parse(canonicalJson(value as Json)) as Json)).toBe(
          canonicalJson(value as Json),
        );
      }),
    );
  });

  it('is compared without being made', () => {
    const few = fc.constantFrom<Json | undefined>(
      null,
      undefined,
      0,
      'x',
      [],
      {},
      [1],
      { a: 1 },
      { b: undefined },
    );
    const value = fc.oneof(
      few,
      fc.dictionary(fc.constantFrom('a', 'b'), few),
      fc.array(fc.constantFrom(1, 2)),
    );
    fc.assert(
      fc.property(value, value, (a, b) => {
        // At the top there is no undefined: a status that is not there has no text.
        fc.pre(a !== undefined && b !== undefined);
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ b: undefined, a: [1, { d: 1, c: null }] })).toBe('{"a":[1,{"c":null,"d":1}]}');
  });
});

describe('the fraction of a key', () => {
  it('is in [0, 1), always the same, and evenly spread', () => {
    const fractions = Array.from({ length: 10_000 }, (_, n) => fractionOf(`uid-${n}`));
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    expect(fractions.reduce((sum, fraction) => sum + fraction, 0) / 10_000).toBeCloseTo(0.5, 1);
    expect(fractionOf('uid-1')).toBe(fractions[1]);
  });
});

describe('waiting', () => {
  it('ends with its time or with its signal, and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const long = sleep(clock, minutes(5), stop.signal);
    const short = sleep(clock, minutes(1), stop.signal);
    await clock.advance(minutes(1));
    stop.abort();
    expect(await Promise.all([short, long])).toEqual([true, false]);
    expect(await sleep(clock, minutes(1), stop.signal)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('until a deadline ends with the deadline or with its parent', async () => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const limit = deadline(clock, seconds(1), parent.signal);
    await clock.advance(seconds(1));
    expect(limit.signal.aborted).toBe(true);
    const other = deadline(clock, minutes(1), parent.signal);
    parent.abort('stop');
    expect(other.signal.reason).toBe('stop');
    limit.dispose();
    other.dispose();
    expect(clock.pending).toBe(0);
  });
});
