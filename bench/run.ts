// `make bench`: measures the program against bare loops, and prints a table. See docs/performance.md.
import { mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { widestLimits } from '../test/stage/start-stub-issuer.ts';
import { buildAsShipped, sources as theSources } from './as-shipped.ts';
import { coldStart } from './cold-start.ts';
import type { Figure } from './figure.ts';
import { idle } from './idle.ts';
import { many } from './many.ts';
import { memory } from './memory.ts';
import { atRest, rest } from './rest.ts';
import { atTheEmbedded, atTheStub, rotate } from './rotate.ts';
import { openScene, type Scene } from './scene.ts';
import { drawTable } from './table.ts';
import { traced } from './traced.ts';
import { defaultLimits, twoTenants, withdraw } from './withdraw.ts';

const usage = `usage: node bench/run.ts [--strict] [--sources] [--profile DIR] [--minutes N] [ID…]

  rotate       1,000 bindings are due at once; the issuer is a stub that answers after 5 ms
  rotate-own   the same with the embedded issuer
  cold-start   a controller starts where 10,000 healthy bindings are
  idle         10,000 bindings, nothing is due, for a minute
  memory       heap at 10,000 and at 20,000 bindings
  rest         1,000 clients are as they should be for ten minutes
  traced       rotate, with and without a collector that takes its traces
  withdraw     one of two tenants with 1,000 bindings each is suspended; issuer: embedded, with default limits

Without an ID all are run, in about half an hour. What is measured is the bundle that "make build" makes.

  --strict        ends with 1 when a bar is missed
  --sources       measures the sources instead
  --profile DIR   writes CPU profiles of the controllers into DIR; figures are then worth less
  --minutes N     how long "rest" watches; 10 if left out
  -h, --help      this text`;

const benches: Readonly<Record<string, (scene: Scene) => Promise<Figure[]>>> = {
  rotate: (scene) => rotate(scene, atTheStub),
  'rotate-own': (scene) => rotate(scene, atTheEmbedded),
  'cold-start': coldStart,
  idle,
  memory,
  rest,
  traced,
  withdraw,
};
/** What must be there before; benches that share it share a control plane. */
const grounds = [
  { ids: ['rotate', 'rotate-own', 'traced'], populations: [atTheStub, atTheEmbedded] },
  { ids: ['cold-start', 'idle', 'memory'], populations: [many] },
  { ids: ['rest'], populations: [atRest] },
  { ids: ['withdraw'], populations: [twoTenants] },
];

const root = join(import.meta.dirname, '..');
const dir = join(root, '.run', `bench-${process.pid}`);
const started = Date.now();
const report = (line: string): void =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);

const { strict, sources, profile, minutes, ids } = readFlags();
const program = sources ? theSources() : buildAsShipped();
let scene: Scene | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void (scene?.close() ?? Promise.resolve()).finally(() => process.exit(1));
  });
}
const figures: (Figure & { readonly id: string })[] = [];
try {
  mkdirSync(dir, { recursive: true });
  for (const { ids: these, populations } of grounds) {
    const wanted = these.filter((id) => ids.includes(id));
    if (wanted.length === 0) continue;
    scene = await openScene({ program, dir: join(dir, these[0] ?? ''), profile, report, minutes });
    try {
      await scene.populate(...populations);
      for (const id of wanted) {
        report(`${id} …`);
        for (const figure of (await benches[id]?.(scene)) ?? []) figures.push({ id, ...figure });
      }
    } finally {
      await scene.close();
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
const limits = ({ requestsPerSecond, burst, concurrency }: typeof defaultLimits): string =>
  `${requestsPerSecond}/s, burst ${burst}, ${concurrency} at a time`;
console.log(`
${drawTable(figures)}

measured: ${sources ? 'the sources' : 'the bundle'}, ${['node', ...program.nodeArgs].join(' ')} (${process.version}); machine: ${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB
limits of the issuer: ${limits(widestLimits)}; of withdraw: ${limits(defaultLimits)}
load of the machine in the last 15 minutes: ${(loadavg()[2] ?? 0).toFixed(1)}`);
if (strict && figures.some(({ good }) => !good)) process.exitCode = 1;

function readFlags() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        strict: { type: 'boolean', default: false },
        sources: { type: 'boolean', default: false },
        profile: { type: 'string', default: '' },
        minutes: { type: 'string', default: '10' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const unknown = positionals.filter((id) => !Object.hasOwn(benches, id));
    if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(', ')}; --help lists them`);
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
    return { ...values, minutes, ids: positionals.length > 0 ? positionals : Object.keys(benches) };
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
