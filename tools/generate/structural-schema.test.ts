import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { structuralSchemaOf, toStructural } from './structural-schema.ts';

describe('a structural schema', () => {
  test.each([
    {
      what: 'a bounded text',
      schema: z.string().max(5).describe('d'),
      becomes: { description: 'd', type: 'string', maxLength: 5 },
    },
    { what: 'a choice of words', schema: z.enum(['A', 'B']), becomes: { type: 'string', enum: ['A', 'B'] } },
    { what: 'an integer', schema: z.int(), becomes: { type: 'integer', format: 'int64' } },
    { what: 'a small integer', schema: z.int32(), becomes: { type: 'integer', format: 'int32' } },
    {
      what: 'a small integer with bounds',
      schema: z.int32().min(1).max(9),
      becomes: { type: 'integer', format: 'int32', minimum: 1, maximum: 9 },
    },
    { what: 'a count', schema: z.int().min(0), becomes: { type: 'integer', format: 'int64', minimum: 0 } },
    {
      what: 'a time',
      schema: z.iso.datetime({ offset: true }),
      becomes: { type: 'string', format: 'date-time' },
    },
    {
      what: 'what is written, not what it becomes',
      schema: z.string().max(5).transform(Number).prefault('1'),
      becomes: { type: 'string', maxLength: 5, default: '1' },
    },
    {
      what: 'an object whose members have defaults',
      schema: z.object({ a: z.boolean().default(true), b: z.boolean() }).prefault({ b: false }),
      becomes: {
        default: { b: false },
        type: 'object',
        properties: { a: { type: 'boolean', default: true }, b: { type: 'boolean' } },
        required: ['b'],
      },
    },
    { what: 'an object without members', schema: z.object({}), becomes: { type: 'object' } },
    {
      what: 'a list with keys',
      schema: z
        .array(z.object({ name: z.string() }))
        .max(2)
        .meta({ 'x-kubernetes-list-type': 'map' }),
      becomes: {
        type: 'array',
        maxItems: 2,
        'x-kubernetes-list-type': 'map',
        items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      },
    },
    {
      what: 'a map',
      schema: z.record(z.string(), z.string().max(3)).meta({ maxProperties: 4 }),
      becomes: { type: 'object', maxProperties: 4, additionalProperties: { type: 'string', maxLength: 3 } },
    },
  ])('of $what', ({ schema, becomes }) => {
    expect(structuralSchemaOf(schema)).toEqual(becomes);
  });

  test.each([
    { what: 'a union', schema: z.union([z.string(), z.int()]), refusal: '$: "anyOf" has no place' },
    {
      what: 'a nullable text',
      schema: z.object({ a: z.string().nullable() }),
      refusal: '$.a: "nullable" has no place',
    },
    { what: 'a closed object', schema: z.strictObject({}), refusal: '$.*: is not a schema of its own' },
    {
      what: 'an expression without a sentence',
      schema: z.array(z.string().regex(/a/)),
      refusal: '$[]: "pattern" has no place',
    },
    {
      what: 'anything',
      schema: z.record(z.string(), z.unknown()),
      refusal: '$.*: a structural schema needs a type',
    },
    { what: 'a shared definition', schema: z.string().meta({ id: 'shared' }), refusal: '"' },
  ])('of $what does not exist', ({ schema, refusal }) => {
    expect(() => structuralSchemaOf(schema)).toThrow(refusal);
  });

  test('is written with what matters first', () => {
    expect(Object.keys(toStructural({ maxLength: 1, type: 'string', description: 'd' }))).toEqual([
      'description',
      'type',
      'maxLength',
    ]);
  });
});
