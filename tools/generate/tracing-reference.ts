import { type SpanDefinition, spanAttributes, spans } from '../../src/std/spans.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

const begins = {
  always: 'a trace',
  alone: 'a trace where it is part of none',
  never: 'nothing: it is there as a part only',
} as const satisfies Record<SpanDefinition['begins'], string>;

/** `docs/reference/tracing.md`: every span with its attributes. */
export function tracingReference(): readonly GeneratedFile[] {
  const content = page(
    `<!-- ${generatedBy('src/std/spans.ts')} -->`,
    '# Traces',
    'What is exported where [tracing is on](../observability.md#traces). Attributes have the names of the semantic conventions of OpenTelemetry where those have one. ' +
      'A span has those of its row that there is something to say for, and no others; none has events.',
    '## Spans',
    table(
      ['span', 'kind', 'begins', 'attributes', 'meaning'],
      Object.values<SpanDefinition>(spans).map(({ title, kind, begins: when, attributes, help }) => [
        code(title),
        kind,
        begins[when],
        attributes.map(code).join(', '),
        help,
      ]),
    ),
    '## Attributes',
    table(
      ['attribute', 'meaning'],
      Object.entries(spanAttributes).map(([name, meaning]) => [code(name), meaning]),
    ),
  );
  return [{ path: 'docs/reference/tracing.md', content }];
}
