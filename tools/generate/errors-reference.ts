import { errorCatalogue } from '../../src/std/operator-error.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/errors.md`: what ends the program or stands in its log under `code`. */
export function errorsReference(): readonly GeneratedFile[] {
  const content = page(
    `<!-- ${generatedBy('src/std')} -->`,
    '# Errors',
    'What is wrong with a flag or a file ends the program with one line and exit code 2. What is wrong with an object is told in its conditions: see [conditions and reasons](conditions-and-reasons.md).',
    table(
      ['code', 'meaning', 'what to do'],
      Object.entries(errorCatalogue).map(([name, { summary, action }]) => [
        `[${code(name)}](../troubleshooting.md#${name.toLowerCase()})`,
        summary,
        action,
      ]),
    ),
  );
  return [{ path: 'docs/reference/errors.md', content }];
}
