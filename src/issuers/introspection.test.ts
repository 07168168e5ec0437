import { describe, expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer, aGrant, clientSecret } from '../../test/fakes/driven-quirky-issuer.ts';
import {
  answer,
  discoveryPath,
  metadataOf,
  type Quirk,
  tokenPath,
  tokenWith,
  webPage,
} from '../../test/fakes/quirky-issuer.ts';
import { Secret } from '../std/secret.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();
const introspectionPath = '/introspect';

/** The issuer gives opaque tokens, and says this of them. */
function introspecting(quirk: Quirk): void {
  const endpoint = { introspection_endpoint: issuer.identifier + introspectionPath };
  issuer.quirk(discoveryPath, answer(200, { ...metadataOf(issuer.identifier), ...endpoint }));
  issuer.quirk(tokenPath, tokenWith({ access_token: 'an-opaque-token' }));
  issuer.quirk(introspectionPath, quirk);
}
/** RFC 6749 section 2.3.1: both are encoded as in a form first. */
const basic = (...pair: readonly string[]): string =>
  `Basic ${btoa(pair.map((text) => text.replaceAll('-', '%2D')).join(':'))}`;
const asked = () => issuer.requests.filter(({ path }) => path === introspectionPath);

describe('an opaque token', () => {
  test('is what the issuer says of it, asked as the client that it is for', async () => {
    const said = { client_id: 'client-1', aud: 'https://api.acme.example', exp: 4_102_444_800, scope: 'a b' };
    introspecting(answer(200, { active: true, ...said, roles: ['biller'] }));
    const issued = await aDriver().requestToken(aGrant(), aCall());
    expect(issued).toMatchObject({
      ok: true,
      value: { expiresIn: 300_000, claims: { iss: issuer.identifier, ...said, roles: ['biller'] } },
    });
    const request = asked().at(-1);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      token: 'an-opaque-token',
      token_type_hint: 'access_token',
    });
    expect(request?.headers.authorization).toBe(basic('client-1', clientSecret));
  });

  test('of another issuer is not taken for one of this', async () => {
    introspecting(answer(200, { active: true, iss: 'https://other.example' }));
    expect(await aDriver().requestToken(aGrant(), aCall())).toMatchObject({
      ok: true,
      value: { claims: { iss: 'https://other.example' } },
    });
  });

  test('that the issuer calls inactive is refused, whoever accepts unverified ones', async () => {
    introspecting(answer(200, { active: false }));
    expect(await aDriver().requestToken(aGrant({ acceptUnverified: true }), aCall())).toMatchObject({
      ok: false,
      error: { kind: 'unverifiable' },
    });
  });

  test.each<[string, Quirk, string]>([
    ['is not active', answer(200, { active: false, scope: 'admin' }), 'unverifiable'],
    ['is active in other words', answer(200, { active: 'true' }), 'malformed'],
    ['nothing is said of', answer(200, {}), 'malformed'],
    ['the client may not ask about', answer(401, { error: 'invalid_client' }), 'unauthorized'],
    ['a web page is shown for', webPage(200), 'malformed'],
    ['nobody can say anything about now', answer(503, {}), 'unavailable'],
  ])('that %s is not delivered', async (_, quirk, kind) => {
    introspecting(quirk);
    const outcome = await aDriver().requestToken(aGrant(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind } });
    expect(JSON.stringify(outcome)).not.toContain('an-opaque-token');
  });

  test('is introspected with another proof where each is good once', async () => {
    introspecting(answer(200, { active: true }));
    const second = { method: 'Secret', clientSecret: new Secret('another') } as const;
    await aDriver().requestToken(aGrant({ secondProof: async () => second }), aCall());
    expect(asked().at(-1)?.headers.authorization).toBe(basic('client-1', 'another'));
  });

  test('waits where there is no other proof', async () => {
    introspecting(answer(200, { active: true }));
    const before = asked().length;
    const outcome = await aDriver().requestToken(aGrant({ secondProof: async () => undefined }), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(asked()).toHaveLength(before);
  });

  test('of an issuer without introspection is refused', async () => {
    issuer.quirk(tokenPath, tokenWith({ access_token: 'an-opaque-token' }));
    expect(await aDriver().requestToken(aGrant(), aCall())).toMatchObject({
      ok: false,
      error: { kind: 'unverifiable' },
    });
  });

  test('of an issuer without introspection is marked for who accepts that, and says nothing', async () => {
    issuer.quirk(tokenPath, tokenWith({ access_token: 'an-opaque-token' }));
    expect(await aDriver().requestToken(aGrant({ acceptUnverified: true }), aCall())).toMatchObject({
      ok: true,
      value: { unverified: true, claims: {}, expiresIn: 300_000 },
    });
  });
});

test('a JWT is judged by its signature, whatever introspection would say', async () => {
  introspecting(answer(200, { active: true }));
  const forged = `${(await issuer.sign({})).split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`;
  issuer.quirk(tokenPath, tokenWith({ access_token: forged }));
  const before = asked().length;
  expect(await aDriver().requestToken(aGrant(), aCall())).toMatchObject({
    ok: false,
    error: { kind: 'unverifiable' },
  });
  expect(asked()).toHaveLength(before);
});
