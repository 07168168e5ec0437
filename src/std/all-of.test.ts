import { expect, test } from 'vitest';
import { allOf } from './all-of.ts';

test('what comes of several is known by their names, whichever comes first', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const both = allOf({ late: promise, early: Promise.resolve(1).finally(() => resolve('a')) });
  expect(await both).toEqual({ late: 'a', early: 1 });
});

test('one that fails fails for all', async () => {
  const failing = allOf({ fine: Promise.resolve(1), broken: Promise.reject(new Error('broken')) });
  await expect(failing).rejects.toThrow('broken');
});
