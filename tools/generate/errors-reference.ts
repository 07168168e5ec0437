import { type ErrorCode, errorCatalogue, exitCodeOf, OperatorError } from '../../src/std/operator-error.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/errors.md`: what ends the program or stands in its log under `code`. */
export function errorsReference(): readonly GeneratedFile[] {
  const content = page(
    `<!-- ${generatedBy('src/std')} -->`,
    '# Errors',
    'What is wrong with a flag, a file, the machine or the cluster ends the program with one line and an exit code. What is wrong with an object is told in its conditions: see [conditions and reasons](conditions-and-reasons.md).',
    table(
      ['code', 'exit code', 'meaning', 'what to do'],
      Object.entries(errorCatalogue).map(([name, { summary, action }]) => [
        `[${code(name)}](../troubleshooting.md#${name.toLowerCase()})`,
        String(exitCodeOf(new OperatorError(name as ErrorCode, ''))),
        summary,
        action,
      ]),
    ),
  );
  return [{ path: 'docs/reference/errors.md', content }];
}
