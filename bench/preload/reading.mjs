// Looks at a program from inside: on SIGUSR2 it writes what it saw to the file that GRANTOR_BENCH_READING names. Needs --expose-gc.
// Plain JavaScript, since Node's compiler for types would be measured too.
import { subscribe } from 'node:diagnostics_channel';
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 5;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
// The same in CPU time of the thread: what a machine that others use, too, does not change.
const cpu = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let longestHold = 0;
let last = cpu();
setInterval(() => {
  const now = cpu();
  longestHold = Math.max(longestHold, now - last);
  last = now;
}, resolution).unref();
// Before, its modules are loaded, in one go: there is nothing yet that could be kept waiting.
let listens = false;
subscribe('tracing:net.server.listen:asyncStart', () => {
  if (listens) return;
  listens = true;
  delay.reset();
  longestHold = 0;
  last = cpu();
});

process.on('SIGUSR2', () => {
  const longestStall = Math.max(0, delay.max / 1e6 - resolution);
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed } = process.memoryUsage();
  const file = process.env['GRANTOR_BENCH_READING'] ?? '';
  writeFileSync(`${file}.new`, JSON.stringify({ longestStall, longestHold, heapUsed }));
  renameSync(`${file}.new`, file);
});
