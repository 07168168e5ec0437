import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';

/** What is needed to find a process again, and to tell it from a stranger that got its pid. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** The program and its arguments, which name the cluster's own folder and ports. */
  readonly command: readonly string[];
  /** For one that has to tidy up when it ends; all others are killed, as what they kept is thrown away. */
  readonly endsOn?: 'SIGTERM' | undefined;
}

/** `parent`: dies with the process that started it, however that ends. `stop`: lives until it is stopped. */
export type Lifetime = 'parent' | 'stop';

export interface ServerProcess {
  readonly record: ProcessRecord;
  readonly logFile: string;
  /** Whether it ended; stays false for as long as it runs. */
  hasExited(): boolean;
}

/** Starts a server in a session of its own, so that a Ctrl-C in the terminal reaches us and not it. Its output goes to `logFile`. */
export function startServer(
  name: string,
  command: readonly [string, ...string[]],
  logFile: string,
  lifetime: Lifetime,
  { env = process.env, endsOn }: { readonly env?: NodeJS.ProcessEnv } & Pick<ProcessRecord, 'endsOn'> = {},
): ServerProcess {
  const [program, ...args] = command;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env });
  closeSync(log);
  let exited = child.pid === undefined;
  const releaseGuard = lifetime === 'parent' && child.pid !== undefined ? guard(child.pid, endsOn) : () => {};
  const onEnd = (): void => {
    exited = true;
    releaseGuard();
  };
  child.once('exit', onEnd).once('error', onEnd).unref();
  return { record: { name, pid: child.pid ?? 0, command, endsOn }, logFile, hasExited: () => exited };
}

/**
 * A shell that waits for the end of a pipe of ours and then ends `pid`. The kernel closes the pipe however we die, so not even a
 * `kill -9` leaves a server behind. Answers with the function that calls the guard off.
 */
function guard(pid: number, signal: NodeJS.Signals = 'SIGKILL'): () => void {
  const command = 'read -r _; kill -s "$1" "$2"';
  const shell = spawn('/bin/sh', ['-c', command, 'guard', signal.slice(3), String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  return () => shell.kill('SIGKILL');
}

/** Whether the process of `record` runs. A zombie has no command line any more, a stranger with the same pid has another one. */
export function isRunning(record: ProcessRecord): boolean {
  try {
    return readFileSync(`/proc/${record.pid}/cmdline`, 'utf8') === `${record.command.join('\0')}\0`;
  } catch {
    return false;
  }
}

/** Ends the process of `record`, and nothing else, and waits until it is gone. */
export async function stopServer(record: ProcessRecord): Promise<void> {
  for (let round = 0; isRunning(record); round++) {
    const signal = record.endsOn ?? 'SIGKILL';
    if (round === 0) process.kill(record.pid, signal);
    if (round === 500) throw new Error(`${record.name} (pid ${record.pid}) does not end after ${signal}`);
    await sleep(systemClock, milliseconds(20));
  }
}

/** The last lines of a server's log, for an error message. */
export function tailOf(logFile: string, lines = 5): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
