import { logFields, logLevels } from '../../src/telemetry/log-contract.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/log.md`: what may be relied on in the log of the controller and of nodes. */
export function logReference(): readonly GeneratedFile[] {
  const rows = (entries: object): string[][] =>
    Object.entries(entries).map(([name, meaning]) => [code(name), String(meaning)]);
  const content = page(
    `<!-- ${generatedBy('src/telemetry/log-contract.ts')} -->`,
    '# Log',
    '`grantor controller` and `grantor node` write a line of JSON to standard error for each thing that happens; the [audit trail](audit.md) goes to standard output. ' +
      'Levels and fields are a contract: every line that any test makes a program write is held against this page. The words of `msg` may change.',
    'No line of any level holds a token, a key, an assertion or a client secret: every test searches the logs for each of those that it used.',
    '## Levels',
    table(['level', 'meaning'], rows(logLevels)),
    '## Fields',
    table(['field', 'meaning'], rows(logFields)),
  );
  return [{ path: 'docs/reference/log.md', content }];
}
