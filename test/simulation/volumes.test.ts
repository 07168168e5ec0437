import fc from 'fast-check';
import { expect, it } from 'vitest';
import { knownSchedules } from './volumes/known-schedules.ts';
import { simulateVolumes } from './volumes/simulate.ts';
import { anySchedule, type Schedule } from './volumes/steps.ts';

/** Few while typing, thousands in `make test`: half as many as of the operator, of which there is more. */
const numRuns = Math.ceil(Number(process.env['SIMULATION_RUNS'] ?? 200) / 2);
const seed = process.env['SIMULATION_SEED'];

/** A schedule to run again, as a failure printed it, instead of others. */
const replay = process.env['VOLUME_SCHEDULE'];
const schedules = replay === undefined ? knownSchedules : [JSON.parse(replay) as Schedule];

it(
  'the plug-in keeps its promises, whatever goes wrong and wherever it is killed',
  { timeout: 60_000 + numRuns * 500 },
  () =>
    fc.assert(
      fc.asyncProperty(anySchedule, async (schedule) => {
        const violations = await simulateVolumes(schedule);
        expect(violations.slice(0, 3), JSON.stringify(schedule)).toEqual([]);
      }),
      {
        numRuns: replay === undefined ? numRuns : 1,
        examples: schedules.map((schedule) => [schedule]),
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      },
    ),
);
