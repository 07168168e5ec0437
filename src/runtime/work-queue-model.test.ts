import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { milliseconds, minutes } from '../std/duration.ts';
import { createWorkQueue, type Priority, priorities } from './work-queue.ts';

const never = new AbortController().signal;

function setUp() {
  const clock = new FakeClock();
  return { clock, queue: createWorkQueue({ name: 'q', clock, metrics: recordingMetrics() }) };
}

describe('a work queue', () => {
  test('keeps no key waiting for longer than for its turns, whatever has more right', async () => {
    const turns = { due: 4, resync: 16 };
    const priority = fc.constantFrom('due' as const, 'resync' as const);
    const change = fc.record({ change: fc.integer({ min: 0, max: 30 }) });
    const add = fc.record({ add: fc.integer({ min: 0, max: 30 }), priority });
    const steps = fc.array(fc.oneof(change, add, fc.constant('take' as const)), {
      minLength: 100,
      maxLength: 400,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { queue } = setUp();
        let handOuts = 0;
        /** By which hand-out each must have come, by lane. */
        const latest = { due: new Map<string, number>(), resync: new Map<string, number>() };
        for (const what of all) {
          if (what !== 'take' && 'change' in what) queue.add(`n/${what.change}`);
          else if (what !== 'take') {
            const lane = latest[what.priority];
            const key = `n/${what.add}`;
            if (!lane.has(key)) lane.set(key, handOuts + turns[what.priority] * (lane.size + 1));
            queue.add(key, { priority: what.priority });
          } else if (queue.depth > 0) {
            const key = (await queue.take(never)) ?? '';
            queue.done(key);
            handOuts += 1;
            for (const lane of Object.values(latest)) lane.delete(key);
            for (const last of [...latest.due.values(), ...latest.resync.values()])
              expect(last).toBeGreaterThan(handOuts);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is what its model says, whatever happens', async () => {
    const key = fc.constantFrom('a/1', 'a/2', 'b/1', 'c');
    const step = fc.oneof(
      fc.record({
        add: key,
        priority: fc.constantFrom(...priorities),
        after: fc.constantFrom(0, 0, 500, 5000),
      }),
      fc.record({ retry: key }),
      fc.record({ advance: fc.integer({ min: 0, max: 6000 }) }),
      fc.constant({ take: true }),
      fc.constant({ catchUp: true }),
      fc.constant({ done: true }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, queue } = setUp();
        const model = new QueueModel();
        const take = async (): Promise<void> => model.taken((await queue.take(never)) ?? '');
        for (const what of steps) {
          if ('add' in what) {
            queue.add(what.add, { priority: what.priority, after: milliseconds(what.after) });
            model.add(what.add, what.priority, what.after);
          } else if ('retry' in what) model.add(what.retry, 'resync', queue.retry(what.retry, 'passing'));
          else if ('advance' in what) {
            await clock.advance(milliseconds(what.advance));
            model.advance(what.advance);
          } else if ('take' in what && queue.depth > 0) await take();
          else if ('done' in what || 'catchUp' in what) {
            const [first] = model.working;
            if (first === undefined) continue;
            const act = 'done' in what ? 'done' : 'catchUp';
            queue[act](first);
            model[act](first);
          }
          expect(queue.depth).toBe(model.ready.size);
        }
        // Whoever was promised a turn gets it.
        for (let round = 0; round < 3; round += 1) {
          for (const name of model.working) {
            queue.done(name);
            model.done(name);
          }
          await clock.advance(minutes(2));
          model.advance(minutes(2));
          while (queue.depth > 0) await take();
        }
        for (const name of model.working) queue.done(name);
        expect([model.ready.size, model.later.size, queue.depth, clock.pending]).toEqual([0, 0, 0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});

/** What a queue is to do, said as simply as possible. */
class QueueModel {
  readonly ready = new Map<string, ReadonlySet<Priority>>();
  readonly later = new Map<string, { readonly due: number; readonly priority: Priority }>();
  readonly working = new Set<string>();
  readonly #again = new Map<string, Priority>();
  #time = 0;
  #handOuts = 0;

  add(key: string, priority: Priority, after = 0): void {
    const waiting = this.later.get(key);
    const due = this.#time + after;
    if (after > 0) {
      if (!this.ready.has(key) && !(waiting && waiting.due <= due)) this.later.set(key, { due, priority });
      return;
    }
    this.#makeReady(key, priority);
  }

  advance(by: number): void {
    this.#time += by;
    for (const [key, { due, priority }] of [...this.later]) {
      if (due > this.#time) continue;
      this.later.delete(key);
      this.#makeReady(key, priority);
    }
  }

  /** The queue has handed out `key`: it must be ready, in nobody's hands, and none may have more right to this turn. */
  taken(key: string): void {
    this.#handOuts += 1;
    const first = this.#handOuts % 16 === 15 ? 2 : this.#handOuts % 4 === 0 ? 1 : 0;
    const order = [...priorities.slice(first), ...priorities.slice(0, first)];
    const best = order.find((priority) => [...this.ready.values()].some((lanes) => lanes.has(priority)));
    expect(this.working).not.toContain(key);
    expect([...(this.ready.get(key) ?? [])]).toContain(best);
    this.ready.delete(key);
    this.later.delete(key);
    this.working.add(key);
  }

  catchUp(key: string): void {
    this.#again.delete(key);
  }

  done(key: string): void {
    this.working.delete(key);
    const priority = this.#again.get(key);
    this.#again.delete(key);
    if (priority !== undefined) this.add(key, priority);
  }

  #makeReady(key: string, priority: Priority): void {
    if (this.working.has(key)) this.#again.set(key, this.#higher(priority, this.#again.get(key)));
    else this.ready.set(key, new Set(this.ready.get(key)).add(priority));
  }

  #higher(a: Priority, b: Priority | undefined): Priority {
    return b !== undefined && priorities.indexOf(b) < priorities.indexOf(a) ? b : a;
  }
}
