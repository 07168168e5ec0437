import { conditionTypes } from '../../src/api/conditions.ts';
import type { Kind } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';
import { describeType, type Field, fieldsOf } from './schema-fields.ts';
import { structuralSchemaOf } from './structural-schema.ts';

/** `docs/reference/<kind>.md`: everything that can be written in a kind, and what its status says. */
export const kindReferences = (): readonly GeneratedFile[] =>
  kinds.map((kind) => ({ path: `docs/reference/${kind.kind.toLowerCase()}.md`, content: referenceOf(kind) }));

function referenceOf(kind: Kind): string {
  const spec = structuralSchemaOf(kind.spec);
  const specFields: readonly Field[] = [...fieldsOf(spec, 'spec')];
  const statusFields = [...fieldsOf(structuralSchemaOf(kind.status), 'status')];
  return page(
    `<!-- ${generatedBy('src/api')} -->`,
    `# ${kind.kind}`,
    kind.description,
    table(
      ['apiVersion', 'scope', 'short name', 'resource'],
      [
        [
          code(`${kind.group}/${kind.version}`),
          kind.namespaced ? 'namespaced' : 'cluster',
          code(kind.shortName),
          code(kind.plural),
        ],
      ],
    ),
    '## Fields',
    'In brackets: how many characters or entries there may be, or which numbers.',
    table(
      ['field', 'type', 'default', 'meaning'],
      specFields.map((field) => [
        code(field.path),
        describeType(field.schema),
        defaultOf(field),
        field.schema.description ?? '',
      ]),
    ),
    '## Rules',
    'The API server refuses what breaks one of these, in these words.',
    table(
      ['rule', 'fields'],
      [...rulesOf([{ path: 'spec', schema: spec, required: true }, ...specFields])].map(
        ([message, paths]) => [message, paths.map(code).join(', ')],
      ),
    ),
    '## Status',
    table(
      ['field', 'type', 'meaning'],
      statusFields.map(({ path, schema }) => [code(path), describeType(schema), schema.description ?? '']),
    ),
    '## Conditions',
    'True is good, but for `Stalled`. [The reasons](conditions-and-reasons.md) say what to do.',
    table(
      ['condition', 'True means'],
      kind.conditions.map((type) => [code(type), conditionTypes[type].summary]),
    ),
  );
}

function defaultOf({ schema, required }: Field): string {
  if (required) return '*required*';
  if (schema.default === undefined) return '–';
  const isInMembers = schema.type === 'object' && schema.properties !== undefined;
  return isInMembers ? 'see members' : code(JSON.stringify(schema.default));
}

/** Which sentence refuses which fields; sentences that many fields share are told once. */
function rulesOf(fields: readonly Field[]): ReadonlyMap<string, readonly string[]> {
  const rules = new Map<string, string[]>();
  for (const { path, schema } of fields) {
    for (const [at, { 'x-kubernetes-validations': validations = [] }] of withEntries(path, schema)) {
      for (const { message } of validations) rules.set(message, [...(rules.get(message) ?? []), at]);
    }
  }
  return rules;
}

/** A field and, for a list or a map, what its entries are. */
function* withEntries(path: string, schema: Field['schema']): Generator<[string, Field['schema']]> {
  yield [path, schema];
  if (schema.items !== undefined) yield [`${path}[]`, schema.items];
  if (schema.additionalProperties !== undefined) yield [`${path}.*`, schema.additionalProperties];
}
