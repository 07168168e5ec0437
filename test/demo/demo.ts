// `make demo`: two tenants, ten workloads that behave and one that asks for too much, on a real control plane. See README.md.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acquireCluster } from '../cluster/target.ts';
import type { Manifest } from '../stage/manifests.ts';
import { readManifests } from '../stage/manifests.ts';
import { root, setStage } from '../stage/stage.ts';
import { readBindings } from './bindings.ts';
import {
  type Baseline,
  brokenPromises,
  type Figures,
  goodBindings,
  isGood,
  measure,
  rotationsSince,
  takeBaseline,
} from './figures.ts';
import { drawTable } from './table.ts';

const usage = `usage: node test/demo/demo.ts [--once]

  --once   give tokens 20 s to live, end by itself once every good binding was rotated ten times, and print a line of JSON`;

const rotationsOnce = 10;
const giveUpAfter = 270_000;

const { once } = readFlags();
const dir = join(root, '.run', `demo-${process.pid}`);
const started = Date.now();
const report = (line: string): void =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());

mkdirSync(dir, { recursive: true });
const cluster = await acquireCluster({ dir: join(dir, 'cluster'), report });
let figures: Figures | undefined;
const stage = await setStage({ cluster, dir: join(dir, 'stage'), report });
try {
  report('starting the controller');
  await stage.startController();
  report('applying examples/quickstart');
  await stage.apply(
    readManifests(join(root, 'examples/quickstart')).map(once ? shortLived : (manifest) => manifest),
  );
  const kubectl = cluster.controlPlane?.kubectl ?? 'kubectl';
  console.log(`\n  export KUBECONFIG=${cluster.kubeconfig}\n  ${kubectl} get wib -A\n`);
  figures = await watch();
} finally {
  await stage.close();
  await cluster.release();
  rmSync(dir, { recursive: true, force: true });
}
if (once) process.exitCode = conclude(figures);

/** Shows the table until Ctrl-C; with --once until all was rotated often enough, and then answers with the figures. */
async function watch(): Promise<Figures | undefined> {
  const auditLog = cluster.controlPlane?.auditLog;
  let baseline: Baseline | undefined;
  for (let shown = 0; !stopped.signal.aborted; shown++) {
    const bindings = await readBindings(stage.kube);
    show(drawTable(bindings, process.stdout.isTTY ? process.stdout.columns : 200), shown);
    if (once && baseline === undefined && bindings.filter(isGood).length === goodBindings) {
      baseline = takeBaseline(auditLog, bindings);
    }
    const rotations = baseline ? rotationsSince(baseline, bindings) : [];
    if (once && baseline && rotations.length === goodBindings && (rotations[0] ?? 0) >= rotationsOnce) {
      return measure(auditLog, baseline, bindings);
    }
    if (once && Date.now() - started > giveUpAfter) {
      throw new Error(
        `not every binding was rotated ${rotationsOnce} times in time: ${rotations.join(', ')}`,
      );
    }
    await pause(process.stdout.isTTY ? 1000 : 5000);
  }
  return undefined;
}

/** What --once comes to, and its exit code. The figures are the last line. */
function conclude(measured: Figures | undefined): 0 | 1 {
  if (measured === undefined) {
    console.error('error: stopped before anything was measured');
    return 1;
  }
  const broken = brokenPromises(measured);
  if (broken.length > 0) console.error(`error: not true of this run: ${broken.join(', ')}`);
  console.log(JSON.stringify(measured));
  return broken.length > 0 ? 1 : 0;
}

/** On a terminal the table is drawn over the one before. */
function show(table: string, shown: number): void {
  const up = process.stdout.isTTY && shown > 0 ? `\u001B[${table.split('\n').length}A\u001B[J` : '';
  console.log(`${up}${table}${process.stdout.isTTY ? '' : '\n'}`);
}

/** The overlay of --once: the same manifests, but tokens that live 20 s. */
function shortLived(manifest: Manifest): Manifest {
  return manifest.kind === 'OAuthClient'
    ? { ...manifest, spec: { ...manifest.spec, accessTokenLifetime: '20s' } }
    : manifest;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopped.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function readFlags(): { readonly once: boolean } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    return { once: values.once === true };
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
