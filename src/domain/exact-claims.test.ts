import { describe, expect, it } from 'vitest';
import { aGrant, aToken, now } from '../../test/gen/facts.ts';
import { checkToken } from './token-check.ts';

/** The claims that say whose token it is and what for, as they have to be. */
const right: Readonly<Record<string, unknown>> = {
  iss: 'https://login.example',
  aud: 'https://api.example',
  client_id: 'client-1',
  tenant_id: 'acme',
  roles: ['biller'],
  exp: now / 1000 + 600,
};
const empty: readonly unknown[] = [undefined, null, '', ' ', 0, false, [], [''], {}];

/** The same to the eye, or to who folds cases, but not the same bytes. */
const lookAlikes = (text: string): string[] => [
  text.toUpperCase(),
  `${text} `,
  ` ${text}`,
  `${text}/`,
  `${text}\0`,
  text.replace('e', '\u0435'),
  text.replace('e', 'e\u0301').normalize('NFC'),
  encodeURIComponent(text),
];

const checked = (claim: string, value: unknown) => checkToken(aToken({ [claim]: value }), aGrant(), now).ok;

describe('rule 7: a token', () => {
  it('passes with these claims', () => {
    expect(checkToken(aToken(right), aGrant(), now).ok).toBe(true);
  });

  it.each(Object.keys(right).flatMap((claim) => empty.map((value) => [claim, value] as const)))(
    'whose %s is %j is refused',
    (claim, value) => {
      expect(checked(claim, value)).toBe(false);
    },
  );

  it.each(
    ['iss', 'aud', 'client_id', 'tenant_id'].flatMap((claim) =>
      lookAlikes(String(right[claim]))
        .filter((value) => value !== right[claim])
        .map((value) => [claim, value] as const),
    ),
  )('whose %s is %j is refused: identities are compared as exact bytes', (claim, value) => {
    expect(checked(claim, value)).toBe(false);
  });

  it.each(lookAlikes('biller').filter((role) => role !== 'biller'))('whose role is %j is refused', (role) => {
    expect(checked('roles', [role])).toBe(false);
  });
});
