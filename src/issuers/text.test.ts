import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from './text.ts';

test.each([
  ['plain text stays', 'Invalid scopes: admin:all', 'Invalid scopes: admin:all'],
  [
    'URLs stay',
    'no such resource https://api.acme.example/v1/',
    'no such resource https://api.acme.example/v1/',
  ],
  [
    'long words stay',
    'invalid_client_metadata, unsupported-signing-algorithm',
    'invalid_client_metadata, unsupported-signing-algorithm',
  ],
  ['other scripts stay', 'Ungültiger Geltungsbereich – 無効', 'Ungültiger Geltungsbereich – 無効'],
  ['control characters go', 'a\r\nb\u0000c\u001b[31md', 'a b c [31md'],
  ['direction overrides go', 'a\u202eb\u2066c', 'a b c'],
  ['line separators go', 'a\u2028b', 'a b'],
  ['a JWT goes', 'bad eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl here', 'bad [redacted] here'],
  ['a secret goes', "secret 'a8Kq0Zr-Tt_x9QvLm2' is wrong", "secret '[redacted]' is wrong"],
])('%s', (_, text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('whatever comes in, it is one bounded printable line without long runs of a token', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.integer({ min: 1, max: 256 }),
      (text, limit) => {
        const line = printable(text, limit);
        expect(line).not.toMatch(/\p{C}|[\u2028\u2029]/u);
        expect(Array.from(line).length).toBeLessThanOrEqual(limit);
      },
    ),
  );
});

test('no 16 characters of a token get through, wherever it stands in the text', () => {
  const token = 'eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJiaWxsaW5nIn0.MEUCIQD3xN9c';
  fc.assert(
    fc.property(fc.string({ maxLength: 1100 }), fc.string({ maxLength: 50 }), (before, after) => {
      const line = printable(`${before} ${token} ${after}`);
      for (let at = 0; at + 16 <= token.length; at += 1) {
        if (line.includes(token.slice(at, at + 16))) throw new Error(`${token.slice(at, at + 16)} is in it`);
      }
    }),
  );
});
