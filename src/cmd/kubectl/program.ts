import { Command } from 'commander';
import { exitCodes } from '../../kubectl/exit-codes.ts';
import { version } from '../version.ts';
import { clusterFlags } from './cluster-flags.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { revokeCommand } from './revoke.ts';
import { rotateCommand } from './rotate.ts';
import { statusCommand } from './status.ts';
import { supportBundleCommand } from './support-bundle.ts';
import { treeCommand } from './tree.ts';

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
  for (const command of commands()) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

/** In the order in which they are of use. */
const commands = (): Command[] => [
  statusCommand(),
  treeCommand(),
  explainCommand(),
  doctorCommand(),
  rotateCommand(),
  revokeCommand(),
  supportBundleCommand(),
  completionCommand(),
];
