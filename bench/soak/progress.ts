import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import type { Report } from '../../test/provision/progress.ts';
import type { Replicas } from './replicas.ts';
import { renewalsOf, type TimeLine } from './time-line.ts';
import { type Vitals, vitalsOf } from './vitals.ts';

export interface ProgressOptions {
  readonly replicas: Replicas;
  readonly lines: ReadonlyMap<string, TimeLine>;
  readonly stopped: AbortSignal;
  readonly report: Report;
}

const period = seconds(10);

/** Says every ten seconds how things are, until it is stopped. Answers with what the leaders took of the machine meanwhile. */
export async function showProgress({ replicas, lines, stopped, report }: ProgressOptions): Promise<Vitals[]> {
  const leaders: Vitals[] = [];
  do {
    await replicas.tend();
    const leader = await replicas.leader();
    const vitals = leader && vitalsOf(leader.program.pid);
    if (vitals) leaders.push(vitals);
    report(`${describeTokens([...lines.values()])}; ${describeLeader(vitals)}`);
  } while (await sleep(systemClock, period, stopped));
  return leaders;
}

function describeTokens(lines: readonly TimeLine[]): string {
  const now = Date.now();
  const latest = lines.flatMap(({ deliveries }) => deliveries.slice(-1));
  const left = latest.map(({ issuedAt, expiresAt }) => (expiresAt - now) / (expiresAt - issuedAt));
  const renewed = lines.flatMap(renewalsOf).filter(({ at }) => at > now - period).length;
  const smallest = Math.round(Math.min(...left) * 100);
  return `${String(renewed).padStart(4)} renewals in 10 s, least life left ${String(smallest).padStart(3)} %`;
}

const describeLeader = (vitals: Vitals | undefined): string =>
  vitals === undefined
    ? 'nobody leads'
    : `leader ${vitals.pid}: ${vitals.megabytes.toFixed(0)} MB, ${vitals.descriptors} descriptors`;
