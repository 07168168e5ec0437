import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifetimeBounds, parseGrantorRegistration } from './grantor-registration.ts';
import { parseScopeList } from './scope-list.ts';

const valid = {
  tenantID: 'acme',
  roles: ['biller'],
  audiences: ['https://api.acme.example'],
  accessTokenLifetime: 600,
  workload: { issuer: 'https://cluster.example', subject: 'system:serviceaccount:acme:billing', uid: 'u-1' },
};

describe('the registration member grantor', () => {
  it('is read as it was written, roles and workload being optional', () => {
    expect(parseGrantorRegistration(valid)).toEqual({ ok: true, value: valid });
    const { roles: _, workload: __, ...least } = valid;
    expect(parseGrantorRegistration(least)).toEqual({ ok: true, value: { ...least, roles: [] } });
  });

  it('may name the audiences whose tokens the client introspects', () => {
    const server = { ...valid, audiences: [], introspects: ['https://api.acme.example'] };
    expect(parseGrantorRegistration(server)).toEqual({ ok: true, value: server });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['that introspects by a pattern', { ...valid, introspects: ['*'] }],
    ['that introspects a text', { ...valid, introspects: 'https://api.acme.example' }],
    ['a list', []],
    ['without tenantID', { ...valid, tenantID: undefined }],
    ['with a long tenantID', { ...valid, tenantID: 'x'.repeat(254) }],
    ['without audiences', { ...valid, audiences: undefined }],
    ['with an audience twice', { ...valid, audiences: ['https://a.example', 'https://a.example'] }],
    ['with an audience with a fragment', { ...valid, audiences: ['https://a.example#b'] }],
    ['with an audience that is relative', { ...valid, audiences: ['/api'] }],
    ['with a role twice', { ...valid, roles: ['a', 'a'] }],
    ['with 65 roles', { ...valid, roles: Array.from({ length: 65 }, (_, n) => `r${n}`) }],
    ['with a fraction of a second', { ...valid, accessTokenLifetime: 10.5 }],
    ['with a lifetime as text', { ...valid, accessTokenLifetime: '600' }],
    ['with a workload that is text', { ...valid, workload: 'billing' }],
    ['with a workload of a user', { ...valid, workload: { ...valid.workload, subject: 'jane' } }],
    ['with a workload without issuer', { ...valid, workload: { ...valid.workload, issuer: undefined } }],
  ])('is refused %s', (_what, input) => {
    expect(parseGrantorRegistration(input)).toMatchObject({
      ok: false,
      error: expect.stringContaining('grantor'),
    });
  });

  it('is either refused or within its bounds, whatever is sent', () => {
    const near = fc.record({
      tenantID: fc.oneof(fc.string(), fc.constant('acme')),
      roles: fc.oneof(fc.array(fc.string()), fc.constant(['biller'])),
      audiences: fc.oneof(fc.array(fc.webUrl()), fc.array(fc.string())),
      accessTokenLifetime: fc.oneof(fc.integer(), fc.double(), fc.integer({ min: 0, max: 100_000 })),
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.jsonValue()), (input) => {
        const parsed = parseGrantorRegistration(input);
        if (!parsed.ok) return;
        const { tenantID, audiences, accessTokenLifetime } = parsed.value;
        expect(tenantID).toMatch(/^[\x21-\x7e]{1,253}$/);
        expect(audiences.every((audience) => URL.canParse(audience))).toBe(true);
        expect(accessTokenLifetime).toBeGreaterThanOrEqual(lifetimeBounds.min);
        expect(accessTokenLifetime).toBeLessThanOrEqual(lifetimeBounds.max);
      }),
    );
  });
});

describe('a scope', () => {
  it.each([
    ['one value', 'a', ['a']],
    ['several, of any characters that a token may have', 'a:b/c openid !#[]~', ['a:b/c', 'openid', '!#[]~']],
    ['none at all', undefined, []],
  ])('is read with %s', (_what, input, scopes) => {
    expect(parseScopeList(input)).toEqual({ ok: true, value: new Set(scopes) });
  });

  it.each([
    ['the empty string', ''],
    ['two spaces', 'a  b'],
    ['a space at the end', 'a '],
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['a line break', 'a\nb'],
    ['a letter beyond ASCII', 'ä'],
    ['a list', ['a']],
    ['too many values', Array.from({ length: 65 }, (_, n) => `s${n}`).join(' ')],
    ['too many characters', 'x'.repeat(4097)],
  ])('is refused with %s', (_what, input) => {
    expect(parseScopeList(input)).toMatchObject({ ok: false });
  });
});
