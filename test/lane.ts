import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { type Results, readResults } from './results.ts';

/** A part of a run: some projects of vitest, in a process that goes on beside those of the others. */
export interface Lane {
  readonly name: string;
  /** As `--project` takes them. */
  readonly projects: readonly string[];
  /** Whether what it prints is shown at once, and not when it has ended. */
  readonly shown?: boolean;
  /** Whether it has to do with what the others leave of the processors. */
  readonly behind?: boolean;
}

/**
 * A whole run has three, since most tests mostly wait. Those on nodes have clusters of their own. Simulations compute for many minutes, on a clock
 * of their own: nothing is lost when they come last in each queue.
 */
export const lanesFor = (filters: readonly string[]): readonly Lane[] =>
  filters.length > 0
    ? [{ name: 'tests', projects: ['*'], shown: true }]
    : [
        { name: 'tests', projects: ['!node', '!chart', '!simulation'], shown: true },
        { name: 'nodes', projects: ['node', 'chart'] },
        { name: 'simulation', projects: ['simulation'], behind: true },
      ];

const root = join(import.meta.dirname, '..');

/** Runs those tests of a lane that the filters name. What it prints is in a file as well: the canary searches the texts of errors too. */
export async function runLane(lane: Lane, filters: readonly string[], dir: string): Promise<Results> {
  const [report, log] = [join(dir, `results-${lane.name}.json`), join(dir, `vitest-${lane.name}.log`)];
  const child = start(
    lane,
    ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters],
    dir,
  );
  if (lane.behind) giveWay(child);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  await Promise.all([writeTo(child, log, lane.shown === true), once(child, 'close')]);
  if (lane.shown !== true) process.stdout.write(readFileSync(log));
  return resultsOf(child, report, lane.name);
}

function start({ projects, behind }: Lane, args: readonly string[], dir: string) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const only = projects.map((project) => `--project=${project}`);
  return spawn(process.execPath, [vitest, 'run', ...only, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: behind === true,
    env: {
      SIMULATION_RUNS: '5000',
      SIMULATION_SEED: '1',
      ROTATIONS: '20',
      ROTATIONS_AT_SERVERS: '4',
      ...process.env,
      GRANTOR_TEST_RUN: dir,
    },
  });
}

/**
 * To all other processes, but for a tenth of a processor that nobody leaves idle: vitest gives up workers that do not start within a minute and a
 * half. Linux shares processors among sessions before it does within one, and there it has to be said of the session too.
 */
function giveWay({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const priority = constants.priority.PRIORITY_BELOW_NORMAL;
  setPriority(pid, priority);
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // Sessions do not count here, or /proc is not to be written.
  }
}

async function writeTo(child: ReturnType<typeof start>, file: string, shown: boolean): Promise<void> {
  const log = createWriteStream(file);
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      if (shown) to.write(chunk);
      log.write(chunk);
    });
  }
  await once(child, 'close');
  await new Promise((resolve) => {
    log.end(resolve);
  });
}

function resultsOf({ exitCode, signalCode }: ChildProcess, report: string, name: string): Results {
  const end = `vitest of the lane ${name} ended`;
  if (!existsSync(report)) {
    const how = signalCode ?? `exit code ${exitCode}`;
    return { passed: 0, failed: [`${end} without a report (${how})`], skipped: [] };
  }
  const read = readResults(JSON.parse(readFileSync(report, 'utf8')), root);
  const unexplained = exitCode !== 0 && read.failed.length === 0;
  return unexplained ? { ...read, failed: [`${end} with exit code ${exitCode}; see above`] } : read;
}
