import * as z from 'zod';
import {
  type AuditAct,
  auditActs,
  auditLine,
  auditSchemaID,
  auditTypeOf,
  auditVersion,
} from '../../src/telemetry/audit-schema.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

const source = 'src/telemetry/audit-schema.ts';
const schemaFile = `audit-${auditVersion}.schema.json`;

/** As much of JSON Schema as is made of the fields of a line. */
interface Member {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly items?: Member;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
}

/** The manual of the audit trail, and its JSON Schema. What a reader does not know is no fault: within a version there may be more of it. */
export function auditReference(): readonly GeneratedFile[] {
  const schema = z.toJSONSchema(auditLine, { io: 'input' }) as Member;
  const data = schema.properties?.['data'] ?? {};
  const { $schema, ...rest } = schema as Member & { readonly $schema?: string };
  const document = {
    $comment: generatedBy(source),
    $schema,
    $id: auditSchemaID,
    title: 'A line of the audit trail',
    ...rest,
  };
  return [
    { path: `docs/reference/${schemaFile}`, content: `${JSON.stringify(document, null, 2)}\n` },
    { path: 'docs/reference/audit.md', content: manual(schema, data) },
  ];
}

const manual = (schema: Member, data: Member): string =>
  page(
    `<!-- ${generatedBy(source)} -->`,
    '# Audit trail',
    'Who got, lost or was denied what, when and why. `grantor controller` and `grantor node` write one line of JSON to standard output for each act, and nothing else there; the log goes to standard error. ' +
      `Each line is a [CloudEvent](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md) (1.0, JSON format) that [${schemaFile}](${schemaFile}) describes. ` +
      'It is written whatever `--log-level` says.',
    'No line holds a token, an assertion, a key or a client secret, nor anything about a person: who acts is a ServiceAccount. ' +
      'Every line that any test makes a program write is held against this schema, and searched for every secret of that test.',
    `**Version.** \`type\` ends with the version of the schema. Within \`${auditVersion}\` acts, fields and reasons are only added, so pass over what you do not know; anything else is a new version, and both are written for one release.`,
    '## Acts',
    table(
      ['`type`', 'what was done'],
      Object.entries(auditActs).map(([act, { means }]) => [code(auditTypeOf(act as AuditAct)), means]),
    ),
    '## Line',
    fields(schema, ''),
    '## Data',
    'What does not apply is left out.',
    fields(data, 'data.'),
  );

const fields = ({ properties = {}, required = [] }: Member, prefix: string): string =>
  table(
    ['field', 'type', 'always', 'meaning'],
    Object.entries(properties).map(([name, member]) => [
      code(prefix + name),
      typeOf(member),
      required.includes(name) ? 'yes' : '',
      member.description ?? '',
    ]),
  );

function typeOf({ type, enum: values, const: only, items, format, properties }: Member): string {
  if (only !== undefined) return code(only);
  if (properties !== undefined) return 'see below';
  if (values !== undefined) return values.length > 4 ? 'one of the above' : values.map(code).join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  return format === 'date-time' ? 'time' : (format ?? type ?? '');
}
