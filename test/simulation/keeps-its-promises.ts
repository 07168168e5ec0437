import fc from 'fast-check';
import { expect, it } from 'vitest';
import { knownSchedules } from './known-schedules.ts';
import { simulate } from './simulate.ts';
import type { IssuerKind } from './simulation.ts';
import { anySchedule, type Schedule } from './steps.ts';

/** Schedules for each kind of issuer: few while typing, thousands in `make test`. */
const numRuns = Number(process.env['SIMULATION_RUNS'] ?? 100);

/** Which schedules are drawn: others each time, unless it is said. */
const seed = process.env['SIMULATION_SEED'];

/** A schedule to run again, as a failure printed it, instead of others. */
const replay = process.env['SIMULATION_SCHEDULE'];

/** The one test of this folder: random schedules, and those that once found something. */
export function itKeepsItsPromises(named: string, issuer: IssuerKind): void {
  const schedules: readonly Schedule[] =
    replay === undefined ? knownSchedules : [JSON.parse(replay) as Schedule];
  it(
    `whatever goes wrong and wherever it is killed, before ${named}`,
    { timeout: 60_000 + numRuns * 500 },
    () =>
      fc.assert(
        fc.asyncProperty(anySchedule, async (schedule) => {
          const violations = await simulate(schedule, { issuer });
          expect(violations.slice(0, 3), JSON.stringify(schedule)).toEqual([]);
        }),
        {
          numRuns: replay === undefined ? numRuns : 1,
          examples: schedules.map((schedule) => [schedule]),
          ...(seed === undefined ? {} : { seed: Number(seed) }),
        },
      ),
  );
}
