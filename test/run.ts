// `make test`: every test of every project, then a search of all that they left for leaked secrets, and of the audit logs for what the
// controller must not do. See test/README.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allowedSkips } from './allowed-skips.ts';
import { readLogs, readTrail } from './audit/read-trail.ts';
import { scan } from './canary/scan.ts';
import { readAudit } from './cluster/audit-log.ts';
import {
  judgeCanary,
  judgeLines,
  judgeRights,
  judgeSkips,
  type Results,
  readResults,
  summaryOf,
} from './results.ts';
import { judge } from './rights/judge.ts';
import { subjects } from './rights/subjects.ts';

const root = join(import.meta.dirname, '..');
/** Logs, what was captured, and the secrets to look for. It goes when all is well. */
const dir = join(root, '.run', `test-${process.pid}`);
const filters = process.argv.slice(2);

mkdirSync(dir, { recursive: true, mode: 0o700 });
const results = judgeSkips(withRights(withLines(withCanary(await runTests()))), allowedSkips, process.env);
for (const name of results.failed) console.log(`FAILED  ${name}`);
if (results.failed.length === 0) rmSync(dir, { recursive: true, force: true });
else console.log(`logs of the run are in ${dir}; remove it afterwards, it holds keys and tokens`);
console.log(summaryOf(results));
process.exitCode = results.failed.length === 0 ? 0 : 1;

/** Runs vitest, with everything that it prints also in a file: the canary searches the texts of errors as well. */
async function runTests(): Promise<Results> {
  const report = join(dir, 'results.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...filters], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      SIMULATION_RUNS: '5000',
      SIMULATION_SEED: '1',
      ROTATIONS: '20',
      ROTATIONS_AT_SERVERS: '4',
      ...process.env,
      GRANTOR_TEST_RUN: dir,
    },
  });
  const log = createWriteStream(join(dir, 'vitest.log'));
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      to.write(chunk);
      log.write(chunk);
    });
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  await new Promise((resolve) => {
    log.end(resolve);
  });
  if (!existsSync(report)) {
    return {
      passed: 0,
      failed: [`vitest ended without a report (${signal ?? `exit code ${code}`})`],
      skipped: [],
    };
  }
  const read = readResults(JSON.parse(readFileSync(report, 'utf8')), root);
  const unexplained = code !== 0 && read.failed.length === 0;
  return unexplained ? { ...read, failed: [`vitest ended with exit code ${code}; see above`] } : read;
}

/** The files of `test/e2e` leave what their programs wrote in `stages`. */
function programsRan(): boolean {
  return existsSync(join(dir, 'stages'));
}

/** Searches what the run left. */
function withCanary(results: Results): Results {
  const found = scan(dir);
  const { secrets, files, megabytes, hits } = found;
  console.log(
    `\nleak canary: ${hits.length} hits in ${megabytes.toFixed(1)} MB (${files} files) for ${secrets} secrets`,
  );
  return judgeCanary(results, found, programsRan());
}

/** Holds what the programs wrote against what readers are promised. */
function withLines(results: Results): Results {
  const wholeSuite = filters.length === 0 && programsRan();
  const [trail, log] = [readTrail(dir), readLogs(dir)];
  const { lines, types, faults } = trail;
  console.log(`audit trail: ${lines} lines of ${types.length} types, ${faults.length} faults`);
  console.log(`log: ${log.lines} lines, ${log.faults.length} faults`);
  return judgeLines(judgeLines(results, 'audit trail', trail, wholeSuite), 'log', log, wholeSuite);
}

/** Holds what every API server of the run logged of controller and nodes against what their manifests in deploy/ let them do. */
function withRights(results: Results): Results {
  const logs = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('audit.log'))
    .map((name) => readAudit(join(dir, name)).events);
  const [controller, node] = [judge(logs, subjects.controller), judge(logs, subjects.node)];
  for (const [who, { requests, outside, unused }] of Object.entries({ controller, node })) {
    const never = requests > 0 && unused.length > 0 ? `; never used: ${unused.join(', ')}` : '';
    console.log(`declared rights: ${requests} requests of the ${who}, ${outside.length} outside${never}`);
  }
  const wholeSuite = filters.length === 0 && logs.length > 0;
  const judged = judgeRights(results, controller, {
    programsRan: programsRan() && logs.length > 0,
    wholeSuite,
  });
  // Where there can be no nodes, their tests are skipped, and say so.
  if (node.requests === 0) return judged;
  return judgeRights(judged, node, { programsRan: true, wholeSuite });
}
