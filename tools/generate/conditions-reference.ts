import { conditionTypes } from '../../src/api/conditions.ts';
import { kinds } from '../../src/api/kinds.ts';
import { reasons } from '../../src/api/reasons.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/conditions-and-reasons.md`: what a reader of `kubectl describe` looks up. */
export function conditionsReference(): readonly GeneratedFile[] {
  const kindsWith = (type: string): string =>
    kinds
      .filter(({ conditions }) => conditions.some((known) => known === type))
      .map(({ kind }) => `[${kind}](${kind.toLowerCase()}.md)`)
      .join(', ');
  const content = page(
    `<!-- ${generatedBy('src/api')} -->`,
    '# Conditions and reasons',
    'All are there from the first reconciliation on (while an object is being deleted, only those that still matter), and True is good, but for `Stalled`. `Ready` sums up the others: when it is not True, it has the reason and the message of one that is not.',
    table(
      ['condition', 'True means', 'kinds'],
      Object.entries(conditionTypes).map(([type, { summary }]) => [code(type), summary, kindsWith(type)]),
    ),
    '## Reasons',
    'The same with how to see it and what else may be wrong: [troubleshooting](../troubleshooting.md).',
    table(
      ['reason', 'meaning', 'what to do'],
      Object.entries(reasons).map(([reason, { summary, action }]) => [
        `[${code(reason)}](../troubleshooting.md#${reason.toLowerCase()})`,
        summary,
        action,
      ]),
    ),
  );
  return [{ path: 'docs/reference/conditions-and-reasons.md', content }];
}
