import type { StructuralSchema } from './structural-schema.ts';

/** A field of a schema, for a line of the manual. */
export interface Field {
  /** `spec.issuerRefs[].name` */
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly required: boolean;
}

/** All fields below a schema, each parent before its members. */
export function* fieldsOf(schema: StructuralSchema, at: string): Generator<Field> {
  const { required = [], properties = {}, items, additionalProperties } = schema;
  for (const [name, member] of Object.entries(properties)) {
    const path = `${at}.${name}`;
    yield { path, schema: member, required: required.includes(name) };
    yield* fieldsOf(member, path);
  }
  if (items !== undefined) yield* fieldsOf(items, `${at}[]`);
  if (additionalProperties !== undefined) yield* fieldsOf(additionalProperties, `${at}.*`);
}

/** A type with its limits, for people: `list (1 to 16) of string (≤ 512)`. */
export function describeType(schema: StructuralSchema): string {
  const { type, format, enum: values, items, additionalProperties } = schema;
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' or ');
  if (items !== undefined) return `list${limits(schema.minItems, schema.maxItems)} of ${describeType(items)}`;
  if (additionalProperties !== undefined) {
    return `map${limits(undefined, schema.maxProperties)} to ${describeType(additionalProperties)}`;
  }
  if (format === 'date-time') return 'time';
  if (type === 'integer') return `integer${limits(schema.minimum, schema.maximum)}`;
  return isDuration(schema) ? 'duration' : `${type}${limits(undefined, schema.maxLength)}`;
}

/** In manifests a duration is a string; its rule gives it away. */
const isDuration = (schema: StructuralSchema): boolean =>
  schema['x-kubernetes-validations']?.some(({ rule }) => rule.includes('duration(self)')) ?? false;

function limits(min: number | undefined, max: number | undefined): string {
  if (max === undefined) return min === undefined ? '' : ` (≥ ${min})`;
  return min === undefined ? ` (≤ ${max})` : min === max ? ` (${max})` : ` (${min} to ${max})`;
}
