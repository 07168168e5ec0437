import * as z from 'zod';

/** A structural schema of a CustomResourceDefinition, as far as our kinds need it. */
export interface StructuralSchema {
  readonly description?: string;
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly 'x-kubernetes-list-type'?: 'set' | 'map' | 'atomic';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that pass as they are, in the order in which they are written. What is not here or below is refused. */
const passing = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'minimum',
  'maximum',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
] as const;
const nested = ['properties', 'additionalProperties', 'items'];

/** The structural schema of what people write, that is before defaults and transforms. Throws on what Kubernetes would refuse. */
export const structuralSchemaOf = (schema: z.ZodType): StructuralSchema =>
  toStructural(
    z.toJSONSchema(schema, {
      target: 'openapi-3.0',
      io: 'input',
      reused: 'inline',
      unrepresentable: 'throw',
    }),
  );

/** Turns JSON Schema as zod writes it into a structural schema. Throws, naming the place, on keywords that have no place there. */
export function toStructural(schema: JsonSchema, at = '$'): StructuralSchema {
  const plain = withoutNoise(schema);
  const strange = Object.keys(plain).find(
    (key) => !nested.includes(key) && !passing.some((known) => known === key),
  );
  if (strange !== undefined) throw new Error(`${at}: "${strange}" has no place in a structural schema`);
  if (typeof plain['type'] !== 'string') throw new Error(`${at}: a structural schema needs a type`);

  const { properties, additionalProperties, items } = plain;
  return {
    ...Object.fromEntries(passing.filter((key) => plain[key] !== undefined).map((key) => [key, plain[key]])),
    ...(isSchema(properties) && {
      properties: mapValues(properties, (value, name) => below(value, `${at}.${name}`)),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: below(additionalProperties, `${at}.*`),
    }),
    ...(items !== undefined && { items: below(items, `${at}[]`) }),
  } as unknown as StructuralSchema;
}

function below(value: unknown, at: string): StructuralSchema {
  if (!isSchema(value)) throw new Error(`${at}: is not a schema of its own`);
  return toStructural(value, at);
}

/** Drops what zod adds for other readers, and gives integers and times the formats that Kubernetes has for them. */
function withoutNoise(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...plain } = schema;
  if (plain['type'] === 'integer') return withIntegerFormat(plain);
  if (plain['format'] === 'date-time') return without(plain, 'pattern');
  return isSchema(plain['properties']) && Object.keys(plain['properties']).length === 0
    ? without(plain, 'properties')
    : plain;
}

const int32 = { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const safe = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

/** The bounds of the type itself become a format; bounds that mean something stay. */
function withIntegerFormat(schema: JsonSchema): JsonSchema {
  const { minimum = safe.minimum, maximum = safe.maximum } = schema as { minimum?: number; maximum?: number };
  const small = minimum >= int32.minimum && maximum <= int32.maximum;
  const noise = small ? int32 : safe;
  return {
    ...without(schema, 'minimum', 'maximum'),
    format: small ? 'int32' : 'int64',
    ...(minimum > noise.minimum && { minimum }),
    ...(maximum < noise.maximum && { maximum }),
  };
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (schema: JsonSchema, ...keys: readonly string[]): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));

const mapValues = <T>(record: JsonSchema, f: (value: unknown, key: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]));
