import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { durationField } from '../../src/api/duration-field.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import { describeType, fieldsOf } from './schema-fields.ts';
import { structuralSchemaOf } from './structural-schema.ts';

describe('a type in the manual', () => {
  test.each([
    { schema: z.string(), told: 'string' },
    { schema: z.string().max(5), told: 'string (≤ 5)' },
    { schema: z.enum(['A', 'B']), told: '`A` or `B`' },
    { schema: z.boolean(), told: 'boolean' },
    { schema: z.int32().min(1).max(9), told: 'integer (1 to 9)' },
    { schema: z.int().min(0), told: 'integer (≥ 0)' },
    { schema: z.iso.datetime(), told: 'time' },
    { schema: durationField(seconds(1), minutes(1)), told: 'duration' },
    { schema: z.array(z.string().max(5)).max(2), told: 'list (≤ 2) of string (≤ 5)' },
    {
      schema: z
        .array(z.enum(['A']))
        .min(1)
        .max(1),
      told: 'list (1) of `A`',
    },
    { schema: z.array(z.object({})).min(1).max(16), told: 'list (1 to 16) of object' },
    {
      schema: z.record(z.string(), z.string().max(5)).meta({ maxProperties: 3 }),
      told: 'map (≤ 3) to string (≤ 5)',
    },
  ])('is told as $told', ({ schema, told }) => {
    expect(describeType(structuralSchemaOf(schema))).toBe(told);
  });
});

describe('the fields of a schema', () => {
  test('are told with their whole path, each parent before its members', () => {
    const schema = z.object({
      a: z.object({ b: z.string().optional() }),
      list: z.array(z.object({ name: z.string() })),
      map: z.record(z.string(), z.object({ c: z.int() })).optional(),
    });
    const fields = [...fieldsOf(structuralSchemaOf(schema), 'spec')];
    expect(fields.map(({ path, required }) => `${path}${required ? ' required' : ''}`)).toEqual([
      'spec.a required',
      'spec.a.b',
      'spec.list required',
      'spec.list[].name required',
      'spec.map',
      'spec.map.*.c required',
    ]);
  });
});
