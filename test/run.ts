// `make test`: every test of every project, then a search of all that they left for leaked secrets. See test/README.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allowedSkips } from './allowed-skips.ts';
import { scan } from './canary/scan.ts';
import { judgeCanary, judgeSkips, type Results, readResults, summaryOf } from './results.ts';

const root = join(import.meta.dirname, '..');
/** Logs, what was captured, and the secrets to look for. It goes when all is well. */
const dir = join(root, '.run', `test-${process.pid}`);

mkdirSync(dir, { recursive: true, mode: 0o700 });
const results = judgeSkips(withCanary(await runTests()), allowedSkips, process.env);
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
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { SIMULATION_RUNS: '5000', SIMULATION_SEED: '1', ...process.env, GRANTOR_TEST_RUN: dir },
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

/** Searches what the run left. The files of `test/e2e` leave what their programs wrote in `stages`. */
function withCanary(results: Results): Results {
  const found = scan(dir);
  const { secrets, files, megabytes, hits } = found;
  console.log(
    `\nleak canary: ${hits.length} hits in ${megabytes.toFixed(1)} MB (${files} files) for ${secrets} secrets`,
  );
  return judgeCanary(results, found, existsSync(join(dir, 'stages')));
}
