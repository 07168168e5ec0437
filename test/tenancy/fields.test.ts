import { expect, test } from 'vitest';
import { stringFields } from './fields.ts';
import { references } from './references.ts';
import { valueRows } from './values.ts';

const tried = [...references, ...valueRows.flatMap((cells) => cells.slice(0, 1))].map(
  ({ kind, field }) => `${kind} ${field}`,
);

test('every string that a tenant can write has its row in the matrix, and no row is for a field that is gone', () => {
  expect(tried.toSorted()).toEqual(stringFields().toSorted());
});

test('every name of an object is tried as a reference', () => {
  const names = stringFields().filter((field) => /(Ref\.name|serviceAccountName)$/.test(field));
  expect(references.map(({ kind, field }) => `${kind} ${field}`).toSorted()).toEqual(names.toSorted());
});
