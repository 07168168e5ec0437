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

it('makes equal members of a name one and the same, and keeps those apart that differ', () => {
  const intern = createInterner(new Set(['grant']));
  const [a, b, c] = [
    { grant: { scopes: ['read'], of: { name: 'a' } }, other: { name: 'a' } },
    { grant: { scopes: ['read'], of: { name: 'a' } }, other: { name: 'a' } },
    { grant: { scopes: ['read', 'write'], of: { name: 'a' } }, other: { name: 'a' } },
  ];
  for (const value of [a, b, c]) intern(value);
  expect(b?.grant).toBe(a?.grant);
  expect(b?.other).not.toBe(a?.other);
  expect(c?.grant).toEqual({ scopes: ['read', 'write'], of: { name: 'a' } });
});
