import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../test/stage/program.ts';
import type { Scene } from './scene.ts';

/** What bench/preload/reading.mjs says of a program. */
interface Reading {
  /** The longest time for which the event loop did not turn, in milliseconds, since the program listened for the first time. */
  readonly longestStall: number;
  /** The same in CPU time of the thread, which does not grow when other programs keep it from running. */
  readonly longestHold: number;
  /** Bytes, after a collection of all garbage. */
  readonly heapUsed: number;
}

/** A controller as it runs in a pod: it finds the API server by its environment and its ServiceAccount by its folder. */
export interface ControllerProcess {
  readonly program: Program;
  /** Milliseconds since the Unix epoch, before the process was there. */
  readonly startedAt: number;
  /** Waits until it has looked at this many bindings and has nothing left to do. */
  settled(bindings: number): Promise<void>;
  /** How often it has asked issuers for what, since it started. */
  issuerRequests(): Promise<ReadonlyMap<string, number>>;
  /** What it looks like from inside; only if it was started for that. */
  read(): Promise<Reading>;
}

const requests = /^grantor_issuer_requests_total\{[^}]*operation="(\w+)"[^}]*\} (\d+)/gm;
const preload = (name: string): string => join(import.meta.dirname, 'preload', name);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let started = 0;

/** Starts the controller; `readable` if its event loop and its heap are to be looked at, which costs a little of both. */
export async function startController(
  scene: Scene,
  {
    readable = false,
    env = {},
  }: { readonly readable?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ControllerProcess> {
  const reading = join(scene.dir, `reading-${++started}.json`);
  const server = new URL(scene.server);
  const startedAt = Date.now();
  const program = new Program({
    entry: scene.program.entry,
    args: ['controller', '--probes', '127.0.0.1:0'],
    logFile: join(scene.dir, `controller-${started}.log`),
    nodeArgs: [
      ...scene.program.nodeArgs,
      ...['--import', preload('pod.mjs')],
      ...(readable ? ['--expose-gc', '--import', preload('reading.mjs')] : []),
      ...(scene.profile ? ['--cpu-prof', `--cpu-prof-dir=${scene.profile}`] : []),
    ],
    env: {
      ...scene.program.env,
      ...env,
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port,
      GRANTOR_BENCH_POD: scene.pod,
      GRANTOR_BENCH_READING: reading,
    },
  });
  scene.programs.push(program);
  const [, probes = ''] = await program.says(/"probes":"([^"]+)"/);

  return {
    program,
    startedAt,
    async settled(bindings) {
      for (;;) {
        const page = await (await fetch(`${probes}/metrics`)).text();
        const sum = (pattern: RegExp): number =>
          [...page.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
        const seen = sum(/^controller_runtime_reconcile_total\{.*workloadidentitybinding.*\} (\d+)/gm);
        if (seen >= bindings && sum(/^workqueue_depth\{.*\} (\d+)/gm) === 0) return;
        if (Date.now() - startedAt > 120_000)
          throw new Error(`${seen} of ${bindings} bindings were looked at`);
        await pause(100);
      }
    },
    async issuerRequests() {
      const page = await (await fetch(`${probes}/metrics`)).text();
      const counts = new Map<string, number>();
      for (const [, operation = '', count] of page.matchAll(requests))
        counts.set(operation, (counts.get(operation) ?? 0) + Number(count));
      return counts;
    },
    async read() {
      rmSync(reading, { force: true });
      process.kill(program.pid, 'SIGUSR2');
      for (let round = 0; !existsSync(reading); round++) {
        if (round === 200) throw new Error('the controller does not say what it looks like from inside');
        await pause(100);
      }
      return JSON.parse(readFileSync(reading, 'utf8')) as Reading;
    },
  };
}
