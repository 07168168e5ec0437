import { describe, expect, it } from 'vitest';
import { aGrant, aToken, now } from '../../test/gen/facts.ts';
import { claimOf } from './claim-paths.ts';
import { checkToken } from './token-check.ts';
import type { TokenFacts } from './token-rule.ts';

describe('a claim with a path', () => {
  it.each<[string, string, unknown]>([
    ['is a member of a member', '/a/b', 1],
    ['may have / in its name', '/x~1y', 2],
    ['may have ~ in its name', '/x~0y', 3],
    ['may have ~1 in its name, which is no /', '/x~01y', 4],
    ['may have dots in its name', '/a.b', 5],
    ['is not there where a step is missing', '/a/c/d', undefined],
    ['is no place in a list', '/list/0', undefined],
    ['is no length of a list', '/list/length', undefined],
    ['is nothing that every object has', '/constructor', undefined],
    ['is nothing below a text', '/text/length', undefined],
    ['is nothing below null', '/null/a', undefined],
  ])('%s', (_, pointer, value) => {
    const claims = {
      a: { b: 1 },
      'x/y': 2,
      'x~y': 3,
      'x~1y': 4,
      'a.b': 5,
      list: ['z'],
      text: 'x',
      null: null,
    };
    expect(claimOf(claims, { it: pointer }, 'it')).toBe(value);
  });
});

describe('a token of an issuer that keeps its claims elsewhere', () => {
  const grant = aGrant({
    claimPaths: {
      client_id: '/client/id',
      scope: '/authorization/scopes',
      roles: '/realm_access/roles',
      tenant_id: '/org/tenant',
    },
  });
  const nothingAtTheTop = { client_id: undefined, scope: undefined, roles: undefined, tenant_id: undefined };
  const elsewhere = (claims: Readonly<Record<string, unknown>> = {}): TokenFacts =>
    aToken({
      ...nothingAtTheTop,
      client: { id: 'client-1' },
      authorization: { scopes: ['invoices.read'] },
      realm_access: { roles: ['biller'] },
      org: { tenant: 'acme' },
      ...claims,
    });

  it('passes', () => {
    expect(checkToken(elsewhere(), grant, now)).toMatchObject({ ok: true });
  });

  it('passes with the same at the top', () => {
    const same = { client_id: 'client-1', scope: 'invoices.read', roles: ['biller'], tenant_id: 'acme' };
    expect(checkToken(elsewhere(same), grant, now)).toMatchObject({ ok: true });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string, boolean]>([
    ['with a role more', { realm_access: { roles: ['biller', 'root'] } }, 'also contains root', true],
    ['with a role more at the top', { roles: ['root'] }, 'also contains root', true],
    ['with a scope more', { authorization: { scopes: 'invoices.read admin' } }, 'contains admin', true],
    ['with a scope more at the top', { scope: 'admin' }, 'contains admin', true],
    ['without its tenant there', { org: {} }, 'required claim /org/tenant', false],
    ['with its tenant at the top only', { org: {}, tenant_id: 'acme' }, 'required claim /org/tenant', false],
    ['of another tenant', { org: { tenant: 'globex' } }, 'tenant_id', true],
    ['of another tenant at the top', { tenant_id: 'globex' }, 'tenant_id', true],
    ['of another client', { client: { id: 'client-2' } }, '/client/id', false],
    ['of another client at the top', { client_id: 'client-2' }, '/client/id', false],
  ])('is refused %s', (_, claims, words, tooPowerful) => {
    expect(checkToken(elsewhere(claims), grant, now)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(words), tooPowerful },
    });
  });
});

describe('an audience that the issuer puts into every token', () => {
  const grant = aGrant({ toleratedAudiences: ['account'] });
  const checked = (aud: unknown) => checkToken(aToken({ aud }), grant, now);

  it('is tolerated beside the one that was asked for', () => {
    expect(checked(['account', 'https://api.example'])).toMatchObject({ ok: true });
  });

  it('is not enough alone', () => {
    expect(checked('account')).toMatchObject({
      ok: false,
      error: { message: 'aud of the token does not contain https://api.example', tooPowerful: false },
    });
  });

  it('brings no others with it, nor any that begin alike', () => {
    expect(checked(['account', 'https://api.example', 'account-admin'])).toMatchObject({
      ok: false,
      error: { message: 'aud of the token also contains account-admin', tooPowerful: true },
    });
  });
});
