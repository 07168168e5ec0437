import type { Command } from 'commander';
import { complaintLine, type Outcome } from '../../kubectl/complaint.ts';
import { exitCodes } from '../../kubectl/exit-codes.ts';
import type { Session } from '../../kubectl/session.ts';
import { OperatorError } from '../../std/operator-error.ts';
import type { ClusterFlags } from './cluster-flags.ts';
import { openSession } from './open-session.ts';
import { processTerminal } from './process-terminal.ts';

/**
 * The action of a command: opens a session by its flags, runs it, tells why it could not do what it was asked, and ends the program with the
 * exit code for that. Have `run` import what it needs, so that one command does not load the others.
 */
export const inSession =
  <Flags>(run: (session: Session, flags: Flags, args: readonly string[]) => Outcome) =>
  async (...given: readonly unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const flags = command.optsWithGlobals<ClusterFlags & Flags>();
    const terminal = processTerminal(process);
    try {
      const session = await openSession(flags, terminal);
      const outcome = await run(session, flags, command.args);
      await session.kube.close();
      if (!outcome.ok) terminal.err(complaintLine(outcome.error));
      process.exit(exitCodes[outcome.ok ? outcome.value : outcome.error.exit].code);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      terminal.err(`error: ${error.message}; choose another with --kubeconfig or --context`);
      process.exit(exitCodes.usage.code);
    }
  };
