import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hours } from '../std/duration.ts';
import { parseToken } from './token-request.ts';

const answer = { access_token: 'a.b.c', token_type: 'bearer' as Lowercase<string> };

test('what is accepted is fit for a header and a file, and lives for a second to a year', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.stringMatching(/^[\w.-]{0,20}[\s\S]?$/),
  );
  fc.assert(
    fc.property(text, fc.option(fc.double({ noNaN: true }), { nil: undefined }), (token, expires) => {
      const expiry = expires === undefined ? {} : { expires_in: expires };
      const parsed = parseToken({ ...answer, access_token: token, ...expiry });
      if (!parsed.ok) return;
      expect(parsed.value.token.reveal()).toMatch(/^[\x21-\x7e]+$/);
      const { expiresIn = 1000 } = parsed.value;
      expect(expiresIn).toBeGreaterThanOrEqual(1000);
      expect(expiresIn).toBeLessThanOrEqual(hours(365 * 24));
      expect(Number.isInteger(expiresIn)).toBe(true);
    }),
  );
});

test.each([
  ['Bearer', 'bearer', true],
  ['Bearer', 'dpop', false],
  ['DPoP', 'dpop', true],
  ['DPoP', 'bearer', false],
  ['DPoP', 'n_a', false],
] as const)('where %s was asked for, token_type %s is accepted: %s', (wanted, type, accepted) => {
  expect(parseToken({ ...answer, token_type: type }, wanted).ok).toBe(accepted);
});

test.each([
  ['16 KiB', 16 * 1024, true],
  ['a byte more', 16 * 1024 + 1, false],
])('a token of %s', (_, length, accepted) => {
  expect(parseToken({ ...answer, access_token: 'a'.repeat(length) }).ok).toBe(accepted);
});
