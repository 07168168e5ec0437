import { minutes, seconds } from '../../src/std/duration.ts';
import { whileRotating } from './final-state.ts';
import type { Plant } from './replica.ts';
import { type IssuerKind, Simulation, type Violation } from './simulation.ts';
import { clientNames, isUserStep, type Schedule } from './steps.ts';

export interface Conditions {
  readonly issuer: IssuerKind;
  readonly plant?: Plant;
}

/** Where nothing goes wrong, everything is settled after so long. */
const moment = seconds(4);

const mostMinutesToSettle = 40;

/** Runs a schedule to its end and says what was wrong: on the way, and of what is there when all trouble has passed. */
export async function simulate(
  { seed, steps }: Schedule,
  { issuer, plant }: Conditions,
): Promise<readonly Violation[]> {
  const expected = await stateWithoutTrouble({ seed, steps }, issuer);
  const simulation = new Simulation({ seed, issuer, replicas: 2, plant });
  await run(simulation, steps, expected, issuer);
  await simulation.end();
  return simulation.violations;
}

async function run(
  simulation: Simulation,
  steps: Schedule['steps'],
  expected: readonly string[],
  issuer: IssuerKind,
): Promise<void> {
  for (const step of steps) {
    await simulation.perform(step);
    if (simulation.violations.length > 0) return;
  }
  simulation.heal();
  let differences: readonly string[] = [];
  for (let halfMinutes = 0; halfMinutes < 2 * mostMinutesToSettle; halfMinutes++) {
    await simulation.pass(seconds(30));
    differences = differencesBetween(expected, simulation.state(), issuer);
    if (differences.length === 0 || simulation.violations.length > 0) return;
  }
  simulation.report('all ends as it would without trouble', differences.join('\n'));
}

/** What the same people would have found in the end if nothing had gone wrong. */
async function stateWithoutTrouble(
  { seed, steps }: Schedule,
  issuer: IssuerKind,
): Promise<readonly string[]> {
  const calm = new Simulation({ seed, issuer, replicas: 1 });
  await calm.pass(moment);
  for (const step of steps) {
    if (!isUserStep(step)) continue;
    await calm.perform(step);
    await calm.pass(moment);
  }
  // Who meets a Secret of somebody else waits for minutes; and a client may be refused once in its predecessor's place.
  await calm.pass(steps.some((step) => 'foreignSecret' in step) ? minutes(5) : seconds(20));
  const state = calm.state();
  await calm.end();
  // Every rotation comes to its end.
  return state.map((line) => line.replace(whileRotating, ''));
}

/** What differs, but for clients whose registration a person has to settle, and what depends on them. */
function differencesBetween(
  expected: readonly string[],
  found: readonly string[],
  issuer: IssuerKind,
): readonly string[] {
  const uncertain =
    issuer !== 'plain'
      ? []
      : clientNames.filter((name) =>
          found.some((line) => line.startsWith(`OAuthClient ${name}`) && isUncertain(line)),
        );
  const counts = (line: string): boolean => !uncertain.some((name) => line.includes(name));
  return [
    ...expected.filter((line) => counts(line) && !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => counts(line) && !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}

/**
 * An issuer without idempotent registration may hold a client of which we don't know; and its 401 to a deletion may mean that the client
 * is gone, or that it is not.
 */
const isUncertain = (line: string): boolean =>
  line.includes('RegistrationUncertain') || (line.includes(' going') && line.includes('IssuerUnauthorized'));
