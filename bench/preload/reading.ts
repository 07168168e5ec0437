// Looks at a program from inside: on SIGUSR2 it writes what it saw to the file that GRANTOR_BENCH_READING names. Needs --expose-gc.
import { subscribe } from 'node:diagnostics_channel';
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a program says of itself. */
export interface Reading {
  /** The longest time for which the event loop did not turn, in milliseconds, since the program listened for the first time. */
  readonly longestStall: number;
  /** Bytes, after a collection of all garbage. */
  readonly heapUsed: number;
}

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
// Before, its modules are loaded, in one go: there is nothing yet that could be kept waiting.
let listens = false;
subscribe('tracing:net.server.listen:asyncStart', () => {
  if (!listens) delay.reset();
  listens = true;
});

process.on('SIGUSR2', () => {
  const longestStall = Math.max(0, delay.max / 1e6 - resolution);
  globalThis.gc?.();
  globalThis.gc?.();
  const reading: Reading = { longestStall, heapUsed: process.memoryUsage().heapUsed };
  const file = process.env['GRANTOR_BENCH_READING'] ?? '';
  writeFileSync(`${file}.new`, JSON.stringify(reading));
  renameSync(`${file}.new`, file);
});
