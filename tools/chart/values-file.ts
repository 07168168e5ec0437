import { stringify } from 'yaml';
import { described, isGroup, members, type Schema } from './describe-values.ts';

/** `values.yaml`: every value with its default, below what it means. */
export const valuesFile = (header: string, schema: Schema): string =>
  `# ${header}\n\n${members(schema)
    .map(([name, member]) => lines(name, member).join('\n'))
    .join('\n\n')}\n`;

const lines = (name: string, schema: Schema): string[] => [
  ...comment(described(schema)),
  ...(isGroup(schema)
    ? [
        `${name}:`,
        ...members(schema)
          .flatMap(([inner, member]) => lines(inner, member))
          .map(indented),
      ]
    : stringify({ [name]: schema.default }, { lineWidth: 0 })
        .trimEnd()
        .split('\n')),
];

const indented = (line: string): string => `  ${line}`;

/** Wrapped where a screen ends. */
function comment(text: string): string[] {
  const wrapped: string[] = [];
  for (const word of text.split(' ')) {
    const last = wrapped.at(-1);
    if (last === undefined || last.length + word.length > 110) wrapped.push(`# ${word}`);
    else wrapped[wrapped.length - 1] = `${last} ${word}`;
  }
  return wrapped;
}
