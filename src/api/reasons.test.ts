import { expect, test } from 'vitest';
import { errorCatalogue } from '../std/operator-error.ts';
import { reasons } from './reasons.ts';

const remedies = Object.entries({ ...reasons, ...errorCatalogue });

test('every reason and error says what to do, beyond waiting and reading the message', () => {
  const idle = remedies.filter(([, { action }]) =>
    /^(Wait: it is tried again by itself\.|(Look at|See) the (message|log)[^,:;]*\.)$/.test(action),
  );
  expect(idle).toEqual([]);
});

test('a remedy is sentences', () => {
  expect(remedies.filter(([, { action }]) => !/^[A-Z].{15,}\.$/.test(action))).toEqual([]);
});
