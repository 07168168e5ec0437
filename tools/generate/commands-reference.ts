import type { Command } from 'commander';
import { controllerCommand } from '../../src/cmd/controller.ts';
import { issuerCommand } from '../../src/cmd/issuer.ts';
import { nodeCommand } from '../../src/cmd/node.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/commands.md`: the subcommands and their flags, as `--help` tells them. */
export function commandsReference(): readonly GeneratedFile[] {
  const content = page(
    `<!-- ${generatedBy('src/cmd')} -->`,
    '# Commands',
    ...[controllerCommand(), nodeCommand(), issuerCommand()].flatMap((command) => [
      `## grantor ${command.name()}`,
      command.description(),
      flagTable(command),
    ]),
  );
  return [{ path: 'docs/reference/commands.md', content }];
}

/** The flags of a command. */
export const flagTable = (command: Command): string =>
  table(
    ['flag', 'meaning', 'default'],
    command.options.map(
      ({ flags, description, defaultValue, defaultValueDescription, mandatory, argChoices }) => [
        code(flags),
        `${description}${argChoices ? ` (${argChoices.join(', ')})` : ''}`,
        mandatory ? 'must be given' : (defaultValueDescription ?? describeDefault(defaultValue)),
      ],
    ),
  );

const describeDefault = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));
