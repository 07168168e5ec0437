import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aGrant, aToken, now } from '../../test/gen/facts.ts';
import { minutes, seconds } from '../std/duration.ts';
import { fromNumericDate, plus } from '../std/instant.ts';
import { checkToken } from './token-check.ts';
import type { TokenFacts } from './token-rule.ts';

const epoch = now / 1000;

describe('a token that passes', () => {
  it.each<[string, TokenFacts, number]>([
    ['is served until its end', aToken(), 600],
    ['may leave scope to the answer', aToken({ scope: undefined }, { scope: 'invoices.read' }), 600],
    ['may leave scope out altogether (RFC 6749 section 5.1)', aToken({ scope: undefined }), 600],
    ['may name its client as azp', aToken({ client_id: undefined, azp: 'client-1' }), 600],
    ['may list its audience', aToken({ aud: ['https://api.example'] }), 600],
    ['may list its scopes', aToken({ scope: undefined, scp: ['invoices.read'] }), 600],
    ['is served no longer than expires_in', aToken({}, { expiresIn: seconds(60) }), 60],
    [
      'is served no longer than exp, though expires_in says more',
      aToken({}, { expiresIn: minutes(60) }),
      600,
    ],
    [
      'of an issuer five minutes ahead is served for its life',
      aToken({ iat: epoch + 300, exp: epoch + 900 }),
      600,
    ],
    [
      'of an issuer five minutes behind is served until its end',
      aToken({ iat: epoch - 300, exp: epoch + 300 }),
      300,
    ],
    ['may live one second more than the ceiling, which is rounding', aToken({ exp: epoch + 901 }), 900],
    ['without iat is bounded by exp', aToken({ iat: undefined }), 600],
  ])('%s', (_, token, lives) => {
    const checked = checkToken(token, aGrant(), now);
    expect(checked).toMatchObject({
      ok: true,
      value: { issuedAt: now, expiresAt: plus(now, seconds(lives)) },
    });
  });
});

it('a token may carry no roles when none were asked for', () => {
  expect(checkToken(aToken({ roles: undefined }), aGrant({ roles: [] }), now)).toMatchObject({ ok: true });
});

describe('a token that is asked for with a key', () => {
  const asked = aGrant({ proofOfPossession: 'DPoP' });
  const bound = (cnf: unknown, keyThumbprint?: string) =>
    aToken({ cnf }, keyThumbprint === undefined ? {} : { keyThumbprint });

  it('passes when it is bound to that key', () => {
    expect(checkToken(bound({ jkt: 'ours' }, 'ours'), asked, now)).toMatchObject({ ok: true });
  });

  it.each<[string, TokenFacts, string, boolean]>([
    ['is not bound at all', bound(undefined, 'ours'), 'not bound to a key', true],
    ['is bound to a certificate', bound({ 'x5t#S256': 'ours' }, 'ours'), 'not bound to a key', true],
    ['is bound to nothing that can be read', bound('ours', 'ours'), 'not bound to a key', true],
    ['is bound to another key', bound({ jkt: 'theirs' }, 'ours'), 'another key', false],
    ['is bound to a key, but was asked for without', bound({ jkt: 'theirs' }), 'another key', false],
    ['is bound to a list of keys', bound({ jkt: ['ours'] }, 'ours'), 'another key', false],
  ])('is refused when it %s', (_, token, words, tooPowerful) => {
    expect(checkToken(token, asked, now)).toMatchObject({
      ok: false,
      error: { reason: 'TokenRefused', message: expect.stringContaining(words), tooPowerful },
    });
  });
});

describe('a token that is refused', () => {
  it.each<[string, TokenFacts, string, boolean]>([
    ['bound to a key that nobody asked for', aToken({ cnf: { jkt: 'k' } }), 'nobody asked for', false],
    ['bound to nothing', aToken({ cnf: null }), 'nobody asked for', false],
    ['of another issuer', aToken({ iss: 'https://evil.example' }), 'iss', false],
    ['without issuer', aToken({ iss: undefined }), 'iss', false],
    ['of another client', aToken({ client_id: 'client-2' }), 'client_id', false],
    ['without client', aToken({ client_id: undefined }), 'client_id', false],
    ['for another audience', aToken({ aud: 'https://other.example' }), 'aud', true],
    ['for one audience more', aToken({ aud: ['https://api.example', 'https://other.example'] }), 'aud', true],
    ['without audience', aToken({ aud: undefined }), 'aud', false],
    ['with an audience of another type', aToken({ aud: { 'https://api.example': true } }), 'aud', false],
    ['with one scope more', aToken({ scope: 'invoices.read admin' }), 'also contains admin', true],
    [
      'with one scope more in the answer',
      aToken({ scope: undefined }, { scope: 'invoices.read admin' }),
      'admin',
      true,
    ],
    [
      'whose claim is narrower than the answer',
      aToken({ scope: '' }, { scope: 'invoices.read' }),
      'lacks',
      false,
    ],
    ['without a role that was asked for', aToken({ roles: undefined }), 'lacks biller', false],
    ['with another role', aToken({ roles: ['biller', 'root'] }), 'also contains root', true],
    ['whose roles are no list', aToken({ roles: 'biller' }), 'not a list', true],
    ['with a scope more under another name', aToken({ scp: ['invoices.read', 'admin'] }), 'admin', true],
    ['with a scope claim that cannot be read', aToken({ scope: { admin: true } }), 'neither text', true],
    ['that is not valid for an hour yet', aToken({ nbf: epoch + 3600 }), 'not valid yet', false],
    ['of another tenant', aToken({ tenant_id: 'globex' }), 'tenant_id', true],
    ['without a required claim', aToken({ tenant_id: undefined }), 'required claim tenant_id', false],
    ['that lives too long', aToken({ exp: epoch + 3600 }), 'at most 15m', true],
    [
      'that lives too long and hides it by leaving out iat',
      aToken({ iat: undefined, exp: epoch + 3600 }),
      'at most',
      true,
    ],
    [
      'that lives for a year and hides it behind an iat in the future',
      aToken({ iat: epoch + 31_536_000, exp: epoch + 31_536_600 }),
      'at most 15m',
      true,
    ],
    ['of an issuer an hour ahead', aToken({ iat: epoch + 3600, exp: epoch + 4500 }), 'at most 15m', true],
    [
      'whose scopes are a list, whatever the answer says',
      aToken({ scope: ['admin'] }, { scope: 'invoices.read' }),
      'also contains admin',
      true,
    ],
    ['whose scope is null', aToken({ scope: null }, { scope: 'invoices.read' }), 'neither text', true],
    [
      'with a scope in other letters',
      aToken({ scope: 'Invoices.read' }),
      'also contains Invoices.read',
      true,
    ],
    ['with two scopes behind a tab', aToken({ scope: 'invoices.read\tadmin' }), 'also contains', true],
    ['of a tenant without name', aToken({ tenant_id: '' }), 'tenant_id', true],
    ['with a required claim of another type', aToken({ tenant_id: ['acme'] }), 'tenant_id', true],
    ['without exp', aToken({ exp: undefined }), 'exp', true],
    ['with exp as text', aToken({ exp: '2026-06-01' }), 'exp', true],
    ['with exp 0', aToken({ exp: 0 }), 'before it arrives', false],
    ['with a negative exp', aToken({ exp: -1 }), 'exp', true],
    ['with exp 1e12', aToken({ exp: 1e12 }), 'exp', true],
    ['with exp 1e300', aToken({ exp: 1e300 }), 'exp', true],
    ['with iat as text', aToken({ iat: 'now' }), 'iat', false],
    ['that is over already', aToken({ iat: epoch - 600, exp: epoch }), 'clocks differ', false],
    ['that says it lives 0 s', aToken({}, { expiresIn: seconds(0) }), 'before it arrives', false],
  ])('%s', (_, token, words, tooPowerful) => {
    const checked = checkToken(token, aGrant(), now);
    expect(checked).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(words), tooPowerful },
    });
  });

  it('is told in at most 512 characters, whatever it claims', () => {
    const checked = checkToken(aToken({ aud: ['https://api.example', 'x'.repeat(10_000)] }), aGrant(), now);
    expect(checked.ok ? '' : checked.error.message).toHaveLength(512);
  });

  it('tells first what makes it dangerous, since that decides on revoking it', () => {
    const token = aToken({ iss: 'https://evil.example', scope: 'invoices.read admin' });
    expect(checkToken(token, aGrant(), now)).toMatchObject({ ok: false, error: { tooPowerful: true } });
  });
});

describe('whatever an issuer signs', () => {
  const anyClaim = fc.oneof(
    fc.anything({ maxDepth: 1 }),
    fc.constantFrom(0, -1, 1e12, epoch, epoch + 60, epoch + 900),
  );
  const anyWord = fc.constantFrom('invoices.read', 'invoices.write', 'admin', 'openid');

  it('rule 6: never is served past its end, past expires_in or past the ceiling, and never with more scopes', () => {
    fc.assert(
      fc.property(
        anyClaim,
        anyClaim,
        fc.array(anyWord, { maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
        (exp, iat, scopes, expiresIn) => {
          const beside = expiresIn === undefined ? {} : { expiresIn: seconds(expiresIn) };
          const token = aToken({ exp, iat, scope: scopes.join(' ') }, beside);
          const checked = checkToken(token, aGrant(), now);
          if (!checked.ok) return;
          const { expiresAt } = checked.value;
          expect(expiresAt).toBeLessThanOrEqual(fromNumericDate(Number(exp)));
          expect(expiresAt).toBeLessThanOrEqual(plus(now, minutes(15)));
          if (expiresIn !== undefined) expect(expiresAt).toBeLessThanOrEqual(plus(now, seconds(expiresIn)));
          expect(new Set(checked.value.scopes)).toEqual(new Set(['invoices.read']));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
