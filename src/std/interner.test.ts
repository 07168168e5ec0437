import { expect, it } from 'vitest';
import { createInterner } from './interner.ts';

it('leaves a value as it was, at any depth', () => {
  const value = { a: 'x', list: ['x', 1, null, { b: 'y' }], no: false };
  const copy = structuredClone(value);
  createInterner()(value);
  expect(value).toEqual(copy);
});

it('goes on after more texts than it remembers', () => {
  const intern = createInterner();
  const texts = Array.from({ length: 10_000 }, (_, n) => ({ text: `text ${n % 5000}` }));
  for (const value of texts) intern(value);
  expect(texts.map(({ text }) => text)).toEqual(Array.from({ length: 10_000 }, (_, n) => `text ${n % 5000}`));
});
