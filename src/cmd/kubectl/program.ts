import { Command } from 'commander';
import { exitCodes } from '../../kubectl/exit-codes.ts';
import { version } from '../version.ts';
import { clusterFlags } from './cluster-flags.ts';
import { completeCommand, completionCommand } from './completion.ts';
import { statusCommand } from './status.ts';

/** `kubectl grantor`: its commands and their flags, the only source of their documentation. */
export function kubectlGrantor(): Command {
  const program = new Command('kubectl grantor')
    .usage('COMMAND [flags]')
    .description(
      "Grantor's objects at a glance: how they fare, why something is refused, and what to do about it.",
    )
    .version(`kubectl-grantor ${version}`)
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .configureOutput({
      // One line with the remedy, as every complaint.
      outputError: (text, write) =>
        write(
          text
            .trimEnd()
            .replace(/\.?$/, '; see: kubectl grantor --help\n')
            .replaceAll(/\n(?!$)/g, ' '),
        ),
    })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.usage.code));
  for (const flag of clusterFlags()) program.addOption(flag);
  for (const command of commands(program))
    program.addCommand(command.copyInheritedSettings(program), { hidden: command.name().startsWith('__') });
  return program;
}

const commands = (program: Command): Command[] => [
  statusCommand(),
  completionCommand(),
  completeCommand(program),
];
