import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { sleep } from '../std/clock.ts';
import { type Duration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { instantOf, minus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { createGovernor, type Governor, type GovernorOptions } from './governor.ts';

interface Bench {
  readonly clock: FakeClock;
  readonly governor: Governor;
  /** `tenant@milliseconds` of each task that was started. */
  readonly started: string[];
  /** What was told of the breaker: whether it is open. */
  readonly told: boolean[];
  /** Runs a task that takes `takes` and ends like this. */
  readonly run: (
    tenant: string,
    end?: IssuerFailure,
    takes?: Duration,
    signal?: AbortSignal,
  ) => Promise<Result<string, IssuerFailure>>;
}

function aBench(limits: Partial<GovernorOptions['limits']> = {}): Bench {
  const clock = new FakeClock(instantOf(0));
  const options = { requestsPerSecond: 10, burst: 2, concurrency: 4, ...limits };
  const told: boolean[] = [];
  const governor = createGovernor({
    limits: options,
    clock,
    rng: new FakeRng(0),
    onBreaker: (isOpen) => void told.push(isOpen),
  });
  const started: string[] = [];
  const never = new AbortController().signal;
  return {
    clock,
    governor,
    started,
    told,
    run: (tenant, end, takes = milliseconds(0), signal = never) =>
      governor.run(tenant, signal, async () => {
        started.push(`${tenant}@${clock.now()}`);
        if (takes > 0) await sleep(clock, takes);
        return end === undefined ? ok(tenant) : err(end);
      }),
  };
}

const down: IssuerFailure = { kind: 'unavailable', detail: '503' };
const busy = (wait: Duration): IssuerFailure => ({ kind: 'throttled', detail: '429', retryAfter: wait });

describe('rate', () => {
  test('the burst goes out at once, the rest at the rate', async () => {
    const { clock, run, started } = aBench();
    const all = Promise.all(['a', 'a', 'a', 'a'].map((tenant) => run(tenant)));
    await clock.advance(seconds(1));
    await all;
    expect(started).toEqual(['a@0', 'a@0', 'a@100', 'a@200']);
    expect(clock.pending).toBe(0);
  });

  test('no more run at once than may', async () => {
    const { clock, run, started } = aBench({ burst: 10, concurrency: 2 });
    const all = Promise.all(['a', 'a', 'a'].map((tenant) => run(tenant, undefined, seconds(1))));
    await clock.advance(milliseconds(900));
    expect(started).toEqual(['a@0', 'a@0']);
    await clock.advance(seconds(4));
    await all;
    expect(started).toEqual(['a@0', 'a@0', 'a@1000']);
  });

  test('regression 16: turns are fair by tenant: one with a backlog delays another by one turn', async () => {
    const { clock, run, started } = aBench({ burst: 1 });
    const all = Promise.all(['a', 'a', 'a', 'a', 'b', 'c'].map((tenant) => run(tenant)));
    await clock.advance(seconds(1));
    await all;
    expect(started.map((start) => start.slice(0, 1)).join('')).toBe('aabcaa');
  });

  test('a full queue of one tenant refuses that tenant only', async () => {
    const { clock, run } = aBench({ burst: 1, requestsPerSecond: 1000 });
    const waiting = Array.from({ length: 101 }, () => run('a'));
    expect(await run('a')).toMatchObject({ ok: false, error: { kind: 'throttled', retryAfter: seconds(5) } });
    const other = run('b');
    await clock.advance(seconds(1));
    expect(await other).toEqual(ok('b'));
    expect((await Promise.all(waiting)).every(({ ok }) => ok)).toBe(true);
  });

  test('who finds no turn in 2 seconds is told to come back', async () => {
    const { clock, run } = aBench({ concurrency: 1 });
    const long = run('a', undefined, minutes(2));
    const short = run('b');
    await clock.advance(seconds(3));
    expect(await short).toMatchObject({ ok: false, error: { kind: 'throttled' } });
    await clock.advance(minutes(2));
    expect(await long).toEqual(ok('a'));
  });

  test('who stops waiting is answered at once and never sent', async () => {
    const { clock, run, started } = aBench({ concurrency: 1 });
    const controller = new AbortController();
    void run('a', undefined, seconds(10));
    const waiting = run('b', undefined, undefined, controller.signal);
    await clock.settle();
    controller.abort();
    expect(await waiting).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(await run('c', undefined, undefined, controller.signal)).toMatchObject({ ok: false });
    await clock.advance(seconds(11));
    expect(started).toEqual(['a@0']);
  });
});

describe('a pause', () => {
  test('holds back every tenant and ends gently', async () => {
    const { clock, run, started } = aBench({ burst: 10 });
    await run('a', busy(milliseconds(1500)));
    const all = Promise.all(['a', 'b', 'c'].map((tenant) => run(tenant)));
    await clock.advance(milliseconds(1499));
    expect(started).toEqual(['a@0']);
    await clock.advance(seconds(1));
    await all;
    expect(started).toEqual(['a@0', 'a@1500', 'b@1600', 'c@1700']);
  });

  test('of more than 2 seconds fails what waits and what comes, with the time that is left', async () => {
    const { clock, run, started } = aBench({ concurrency: 1 });
    const first = run('a', busy(seconds(120)), seconds(1));
    const waiting = run('b');
    await clock.advance(seconds(1));
    await first;
    expect(await waiting).toMatchObject({
      ok: false,
      error: { kind: 'throttled', retryAfter: seconds(120) },
    });
    await clock.advance(seconds(50));
    expect(await run('c')).toMatchObject({
      ok: false,
      error: { kind: 'throttled', retryAfter: seconds(70) },
    });
    expect(started).toEqual(['a@0']);
  });

  test('is not cut short by a shorter one, and not prolonged by a clock that is set back', async () => {
    const { clock, run, started } = aBench({ burst: 10 });
    const long = run('a', busy(seconds(20)), milliseconds(10));
    const short = run('b', busy(seconds(1)), milliseconds(20));
    await clock.advance(milliseconds(20));
    await Promise.all([long, short]);
    clock.jump(minus(clock.now(), minutes(10)));
    const next = run('c');
    expect(await next).toMatchObject({ error: { kind: 'throttled', retryAfter: minutes(5) } });
    await clock.advance(minutes(11));
    expect(await run('d')).toEqual(ok('d'));
    expect(started.map((start) => start.slice(0, 1)).join('')).toBe('abd');
  });

  test('follows an unavailable issuer that names a time', async () => {
    const { clock, run, started } = aBench();
    await run('a', { ...down, retryAfter: milliseconds(1500) });
    void run('b');
    await clock.advance(seconds(1));
    expect(started).toHaveLength(1);
    await clock.advance(seconds(2));
    expect(started).toHaveLength(2);
  });
});

describe('the breaker', () => {
  const fiveFailures = async ({ run }: Bench): Promise<void> => {
    for (let n = 0; n < 5; n += 1) await run('a', down);
  };
  const quick = { requestsPerSecond: 1000, burst: 100 };

  test('opens after five failures and fails calls without sending them', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    expect(await bench.run('b')).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(bench.started).toHaveLength(5);
  });

  test('is told of once when it opens, once when it closes, and not while it is tried', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    expect(bench.told).toEqual([true]);
    await bench.clock.advance(seconds(10));
    await bench.run('a', down);
    await bench.clock.advance(seconds(20));
    expect(bench.told).toEqual([true]);
    await bench.run('a');
    expect(bench.told).toEqual([true, false]);
  });

  test('of a driver that is closed is open no more', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    bench.governor.close();
    expect(bench.told).toEqual([true, false]);
  });

  test('fails what waits already', async () => {
    const bench = aBench({ ...quick, concurrency: 1 });
    const calls = Array.from({ length: 5 }, () => bench.run('a', down));
    const waiting = bench.run('a');
    await Promise.all(calls);
    expect(await waiting).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(bench.started).toHaveLength(5);
  });

  test('lets one call find out after five seconds; the others wait for what it finds', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    await bench.clock.advance(seconds(5));
    const all = Promise.all([bench.run('a', undefined, seconds(1)), bench.run('b'), bench.run('c')]);
    await bench.clock.settle();
    expect(bench.started).toHaveLength(6);
    await bench.clock.advance(seconds(1));
    expect((await all).every(({ ok }) => ok)).toBe(true);
  });

  test('waits longer after each failed probe', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    await bench.clock.advance(seconds(5));
    await bench.run('a', down);
    await bench.clock.advance(seconds(9));
    expect((await bench.run('a')).ok).toBe(false);
    await bench.clock.advance(seconds(1));
    expect((await bench.run('a')).ok).toBe(true);
  });

  test('asks again every ten seconds at the latest, however long the issuer is away', async () => {
    const bench = aBench(quick);
    await fiveFailures(bench);
    for (let probe = 0; probe < 6; probe += 1) {
      await bench.clock.advance(seconds(10));
      await bench.run('a', down);
    }
    await bench.clock.advance(seconds(10));
    expect((await bench.run('a')).ok).toBe(true);
  });

  test('does not count answers that are refusals', async () => {
    const bench = aBench(quick);
    for (let n = 0; n < 10; n += 1) await bench.run('a', { kind: 'rejected', detail: 'invalid_scope' });
    expect(await bench.run('b')).toEqual(ok('b'));
  });
});

test('a closed governor fails what waits and leaves no timer', async () => {
  const { clock, governor, run } = aBench();
  await run('a', busy(seconds(1)));
  const waiting = run('b');
  governor.close();
  expect(await waiting).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  expect(await run('c')).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  expect(clock.pending).toBe(0);
});

test('a task that throws frees its place', async () => {
  const { governor, run } = aBench({ concurrency: 1 });
  const broken = governor.run('a', new AbortController().signal, () => Promise.reject(new Error('bug')));
  await expect(broken).rejects.toThrow('bug');
  expect(await run('b')).toEqual(ok('b'));
});

test('whatever arrives when: never above the rate or the concurrency, everyone is answered, and nobody starves', async () => {
  const call = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    at: fc.integer({ min: 0, max: 3000 }),
    takes: fc.integer({ min: 0, max: 400 }),
  });
  const limits = fc.record({
    requestsPerSecond: fc.integer({ min: 2, max: 50 }),
    burst: fc.integer({ min: 1, max: 5 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 25 }), limits, async (calls, limits) => {
      const clock = new FakeClock(instantOf(0));
      const governor = createGovernor({ limits, clock, rng: new FakeRng() });
      const starts: number[] = [];
      let running = 0;
      let answered = 0;
      for (const { tenant, at, takes } of calls) {
        clock.after(milliseconds(at), () => {
          const task = async (): Promise<Result<void, IssuerFailure>> => {
            starts.push(clock.now());
            running += 1;
            expect(running).toBeLessThanOrEqual(limits.concurrency);
            await sleep(clock, milliseconds(takes));
            running -= 1;
            return ok(undefined);
          };
          const asked = clock.now();
          void governor.run(tenant, new AbortController().signal, task).then((result) => {
            answered += 1;
            if (result.ok) return;
            // At two requests a second not everyone gets a turn in time: who doesn't is told so, and when to come back.
            expect(result.error).toMatchObject({ kind: 'throttled', retryAfter: expect.any(Number) });
            expect(clock.now() - asked).toBeGreaterThanOrEqual(seconds(2));
          });
        });
      }
      await clock.advance(seconds(40));
      expect(answered).toBe(calls.length);
      for (const [first, from] of starts.entries()) {
        for (const [index, to] of starts.slice(first).entries()) {
          const allowed = limits.burst + (limits.requestsPerSecond * (to - from)) / 1000;
          expect(index + 1).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
