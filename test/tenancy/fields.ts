import { kinds } from '../../src/api/kinds.ts';
import { fieldsOf } from '../../tools/generate/schema-fields.ts';
import { type StructuralSchema, structuralSchemaOf } from '../../tools/generate/structural-schema.ts';

/** `OAuthClient spec.scopes[]`: every string that can be written in the spec of a namespaced kind. */
export const stringFields = (): string[] =>
  kinds
    .filter(({ namespaced }) => namespaced)
    .flatMap(({ kind, spec }) =>
      [...fieldsOf(structuralSchemaOf(spec), 'spec')].flatMap(({ path, schema }) =>
        stringsOf(path, schema).map((field) => `${kind} ${field}`),
      ),
    );

/** The members of objects come by themselves. */
function stringsOf(path: string, { type, items, additionalProperties }: StructuralSchema): string[] {
  if (type === 'string') return [path];
  if (items?.type === 'string') return [`${path}[]`];
  return additionalProperties?.type === 'string' ? [`${path}.*`] : [];
}
