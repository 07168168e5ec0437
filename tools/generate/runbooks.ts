import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { alignedTable, page } from './markdown.ts';

const source = 'charts/grantor/files/alerts.yaml';

interface Rule {
  readonly alert?: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: { readonly summary: string };
}

/** `docs/runbooks/README.md`: the index of the pages that alerts lead to. */
export function runbooks(): readonly GeneratedFile[] {
  const { groups } = parse(readFileSync(join(import.meta.dirname, '../..', source), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  const rows = groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, labels, annotations, for: after = 'at once' }) =>
      alert === undefined
        ? []
        : [[`[${alert}](${alert}.md)`, labels?.severity ?? '', after, wordsOf(annotations?.summary ?? '')]],
    );
  const content = page(
    `<!-- ${generatedBy(source)} -->`,
    '# Runbooks',
    'A page for each alert: what it means, whom it harms, how to find the cause and what to do. The rules are [charts/grantor/files/alerts.yaml](../../charts/grantor/files/alerts.yaml); ' +
      'each has a test in which it fires and one in which it does not.',
    alignedTable(['alert', 'severity', 'after', 'summary'], rows),
  );
  return [{ path: 'docs/runbooks/README.md', content }];
}

/** A template of Prometheus as words: `Tokens of tenant … have expired`. */
const wordsOf = (template: string): string => template.replace(/\{\{[^}]*\}\}/g, '…');
