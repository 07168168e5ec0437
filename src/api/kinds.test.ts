import { describe, expect, test } from 'vitest';
import { conditionTypes } from './conditions.ts';
import { kinds } from './kinds.ts';
import { reasons } from './reasons.ts';

describe('the catalogue of conditions', () => {
  test('has no type that no kind has', () => {
    const used = new Set(kinds.flatMap(({ conditions }) => conditions));
    expect(new Set(Object.keys(conditionTypes))).toEqual(used);
  });

  test('has Ready for every kind, as the columns of kubectl show it', () => {
    expect(kinds.filter(({ conditions }) => !conditions.includes('Ready'))).toEqual([]);
  });

  test('has reasons that fit the field', () => {
    expect(Object.keys(reasons).filter((reason) => !/^[A-Z][A-Za-z]{1,63}$/.test(reason))).toEqual([]);
  });
});
