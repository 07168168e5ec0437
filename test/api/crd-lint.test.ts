import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fieldsOf } from '../../tools/generate/schema-fields.ts';
import type { StructuralSchema } from '../../tools/generate/structural-schema.ts';
import { at } from './paths.ts';

interface Crd {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: StructuralSchema } }[];
  };
}

const files = readdirSync(at('crds'));
const schemas = files.flatMap((file) => {
  const crd = parse(readFileSync(join(at('crds'), file), 'utf8')) as Crd;
  return crd.spec.versions.map(({ schema }) => ({ file, schema: schema.openAPIV3Schema }));
});

/** Every schema in a schema, with where it is. Fields first, then entries of lists and maps. */
function* everySchema(schema: StructuralSchema): Generator<readonly [string, StructuralSchema]> {
  for (const field of fieldsOf(schema, '')) {
    yield [field.path, field.schema];
    if (field.schema.items) yield [`${field.path}[]`, field.schema.items];
    if (field.schema.additionalProperties) yield [`${field.path}.*`, field.schema.additionalProperties];
  }
}
const ofServer = ['.apiVersion', '.kind', '.metadata'];

describe.each(schemas)('crds/$file', ({ schema }) => {
  const all = [...everySchema(schema)].filter(([path]) => !ofServer.includes(path));
  const faults = (isFaulty: (schema: StructuralSchema) => boolean): string[] =>
    all.filter(([, one]) => isFaulty(one)).map(([path]) => path);
  const rules = all.flatMap(([, one]) => one['x-kubernetes-validations'] ?? []);

  test('has fields to look at', () => {
    expect(all.length).toBeGreaterThan(20);
    expect(rules.length).toBeGreaterThan(3);
  });

  test('bounds every string', () => {
    expect(
      faults(
        ({ type, enum: values, format, maxLength }) => type === 'string' && !(values || format || maxLength),
      ),
    ).toEqual([]);
  });

  test('bounds every list', () => {
    expect(faults(({ type, maxItems }) => type === 'array' && maxItems === undefined)).toEqual([]);
  });

  test('bounds every map', () => {
    expect(
      faults(
        ({ additionalProperties, maxProperties }) => additionalProperties !== undefined && !maxProperties,
      ),
    ).toEqual([]);
  });

  test('says of every list how it is merged', () => {
    expect(faults((one) => one.type === 'array' && one['x-kubernetes-list-type'] === undefined)).toEqual([]);
  });

  test('describes every field', () => {
    const undescribed = [...fieldsOf(schema, '')].filter(
      ({ schema: { description }, path }) => !description && path !== '.metadata',
    );
    expect(undescribed.map(({ path }) => path)).toEqual([]);
  });

  test('has only expressions that RE2 knows, and none that answer in their own language', () => {
    const expressions = rules.flatMap(({ rule }) =>
      [...rule.matchAll(/matches\(r'([^']*)'\)/g)].map(([, found]) => found),
    );
    expect(expressions.filter((expression) => /\(\?[=!<]|\\[1-9k]/.test(expression!))).toEqual([]);
    expect(expressions.filter((expression) => !/^\^.*\$$/.test(expression!))).toEqual([]);
    expect(faults((one) => 'pattern' in one)).toEqual([]);
  });

  test('refuses in sentences that say what to do', () => {
    const unhelpful = rules.filter(({ message }) => !/\b(write|needs|create)\b/.test(message));
    expect(unhelpful).toEqual([]);
  });

  test('lets no namespaced kind name another namespace', () => {
    expect(faults((one) => one.properties?.['namespace'] !== undefined)).toEqual([]);
  });
});
