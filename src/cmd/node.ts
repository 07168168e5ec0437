import type { Command } from 'commander';
import { OperatorError } from '../std/operator-error.ts';
import { type NodeFlags, nodeFlags } from './node-flags.ts';

/** `grantor node`. Runs until SIGTERM or SIGINT; a flag or a machine that is wrong ends it with one line and exit code 2. */
export const nodeCommand = (): Command =>
  nodeFlags()
    // What is wrong with a command line is told in one line.
    .showSuggestionAfterError(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (flags: NodeFlags) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
      try {
        // Here, so that the other parts of the program do not carry the plug-in in their memory.
        const { runNode } = await import('./run-node.ts');
        await runNode(flags, stop.signal);
        // Renewals that are due later wait in timers; they must not keep the process.
        process.exit(0);
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        console.error(`error: ${error.message}`);
        process.exit(2);
      }
    });
