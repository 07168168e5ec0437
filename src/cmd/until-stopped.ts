import type { Command } from 'commander';
import { exitCodeOf, OperatorError } from '../std/operator-error.ts';

/**
 * Makes a command of flags and what runs by them until SIGTERM or SIGINT, which abort `stop`. A flag, a file, a machine or a cluster that is wrong
 * ends it with one line and the exit code of the errors' catalogue. Have `run` import what it needs, so that the other parts of the program do not carry it in their memory.
 */
export const untilStopped = (
  flags: Command,
  // What commander reads is what the command's own flags say, which nobody checks here.
  run: (flags: never, stop: AbortSignal) => Promise<void>,
): Command =>
  flags
    // What is wrong with a command line is told in one line.
    .showSuggestionAfterError(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (given: unknown) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
      try {
        await run(given as never, stop.signal);
        // Renewals that are due later wait in timers; they must not keep the process.
        process.exit(0);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        console.error(`error: ${error.message}`);
        process.exit(exitCodeOf(error));
      }
    });
