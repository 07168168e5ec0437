import { type Value, valuesOf, valuesSchema } from '../chart/describe-values.ts';
import { valuesFile } from '../chart/values-file.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

const source = 'tools/chart/values.ts';

/** What the chart says of its values: the file of defaults, the schema that Helm holds them against, and the table for people. */
export const chartFiles = (): readonly GeneratedFile[] => [
  { path: 'charts/grantor/values.yaml', content: valuesFile(generatedBy(source), valuesSchema()) },
  {
    path: 'charts/grantor/values.schema.json',
    content: `${JSON.stringify({ $comment: generatedBy(source), ...valuesSchema() }, undefined, 2)}\n`,
  },
  { path: 'charts/grantor/README.md', content: readme(valuesOf(valuesSchema())) },
];

const readme = (values: readonly Value[]): string =>
  page(
    `<!-- ${generatedBy(source)} -->`,
    '# Chart of Grantor',
    'One install for each cluster. [docs/install.md](../../docs/install.md) says what to choose; two lists matter, and come first.',
    '<!-- run by: test/chart/install-page.test.ts -->',
    '```sh\nhelm install grantor charts/grantor --namespace grantor-system --create-namespace --set "audiences[0].audience=https://login.example"\n```',
    'A value that is not in this table, or has not its form, ends `helm install` with a line that names it.',
    '## Values',
    table(
      ['value', 'meaning', 'default'],
      values.map(({ path, description, preset }) => [code(path), description, code(JSON.stringify(preset))]),
    ),
  );
