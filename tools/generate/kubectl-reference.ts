import type { Argument, Command } from 'commander';
import { kubectlGrantor } from '../../src/cmd/kubectl/program.ts';
import { exitCodes } from '../../src/kubectl/exit-codes.ts';
import { flagTable } from './commands-reference.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/kubectl-grantor.md`: the plug-in of kubectl, as `--help` tells it. */
export function kubectlReference(): readonly GeneratedFile[] {
  const program = kubectlGrantor();
  const content = page(
    `<!-- ${generatedBy('src/cmd/kubectl')} -->`,
    '# kubectl grantor',
    `${program.description()} What it is good for is told in [the guide](../kubectl.md).`,
    '## Flags of every command',
    flagTable(program),
    ...program.commands.flatMap(describe),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.values(exitCodes).map(({ code: exit, meaning }) => [String(exit), meaning]),
    ),
  );
  return [{ path: 'docs/reference/kubectl-grantor.md', content }];
}

const describe = (command: Command): string[] => [
  `## kubectl grantor ${command.name()}`,
  code(['kubectl grantor', command.name(), ...command.registeredArguments.map(asWritten)].join(' ')),
  command.description(),
  ...(command.options.length === 0 ? [] : [flagTable(command)]),
];

const asWritten = (argument: Argument): string => {
  const name = argument.name().toUpperCase();
  return argument.required ? name : `[${name}]`;
};
