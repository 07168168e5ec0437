import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const grantor = join(import.meta.dirname, '../../src/cmd/grantor.ts');

export interface ProgramOptions {
  /** Arguments after `grantor`. */
  readonly args: readonly string[];
  /** What Node runs; the sources of `grantor` unless said otherwise. */
  readonly entry?: string;
  readonly logFile: string;
  /** What runs Node, with its arguments, such as `nsenter`. */
  readonly under?: readonly string[];
  /** Flags of Node itself; the leak canary's recorder comes in this way. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One `grantor …`, or another program of Node, as a real process, with everything that it prints in a file. */
export class Program {
  readonly #child: ChildProcess;
  readonly #options: ProgramOptions;

  constructor(options: ProgramOptions) {
    this.#options = options;
    const { args, logFile, entry = grantor, under = [], nodeArgs = [], env = {} } = options;
    const log = openSync(logFile, 'a');
    const [program = '', ...words] = [...under, process.execPath, ...nodeArgs, entry, ...args];
    this.#child = spawn(program, words, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** SIGSTOP and SIGCONT: it sleeps, and does not know that it did. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  log(): string {
    return readFileSync(this.#options.logFile, 'utf8');
  }

  /** The same once more, with the same log; for after its end. */
  again(): Program {
    return new Program(this.#options);
  }

  /** The first match of `pattern` in what was printed, as soon as it is there. Throws when the program ends before. */
  async says(pattern: RegExp, within = 20_000): Promise<RegExpExecArray> {
    const giveUp = Date.now() + within;
    for (;;) {
      const match = pattern.exec(this.log());
      if (match) return match;
      if (!this.running || Date.now() > giveUp) {
        throw new Error(
          `${pattern} was not printed${this.running ? ' in time' : ' before the end'}:\n${this.log().slice(-4000)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Ends it and waits: SIGTERM asks, SIGKILL does not. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(timer);
  }
}
