// `make test`: every test of every project, then a search of all that they left for leaked secrets, and of the audit logs for what the
// controller must not do. See test/README.md.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { allowedSkips } from './allowed-skips.ts';
import { readLogs, readTrail } from './audit/read-trail.ts';
import { scan } from './canary/scan.ts';
import { readAudit } from './cluster/audit-log.ts';
import { lanesFor, runLane } from './lane.ts';
import {
  judgeCanary,
  judgeLines,
  judgeRights,
  judgeSkips,
  type Results,
  summaryOf,
  together,
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

/** Runs its lanes beside each other. */
async function runTests(): Promise<Results> {
  const start = Date.now();
  const all = await Promise.all(
    lanesFor(filters).map(async (lane) => {
      const results = await runLane(lane, filters, dir);
      console.log(`[run] ${lane.name}: ${((Date.now() - start) / 60_000).toFixed(1)} min`);
      return results;
    }),
  );
  return together(all);
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
