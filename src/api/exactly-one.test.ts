import { describe, expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { exactlyOne } from './exactly-one.ts';

const choice = exactlyOne(
  { a: z.object({ x: z.int() }), b: z.object({}), c: z.object({}) },
  'write one of a, b and c',
);

describe('exactly one', () => {
  test.each([
    { given: { a: { x: 1 } }, good: true },
    { given: { b: {} }, good: true },
    { given: {}, good: false },
    { given: { a: { x: 1 }, b: {} }, good: false },
    { given: { a: { x: 1 }, b: {}, c: {} }, good: false },
    // The server prunes unknown members before it counts.
    { given: { d: {} }, good: false },
    { given: { a: { x: 1 }, d: {} }, good: true },
  ])('$given: $good', ({ given, good }) => {
    expect(choice.safeParse(given).success).toBe(good);
  });

  test('tells the compiler which one it is', () => {
    const chosen = choice.parse({ a: { x: 1 } });
    if (chosen.a !== undefined) expectTypeOf(chosen.a).toEqualTypeOf<{ x: number }>();
    else if (chosen.b === undefined) expectTypeOf(chosen.c).toEqualTypeOf<Record<string, never>>();
    expect(chosen).toEqual({ a: { x: 1 } });
  });
});
