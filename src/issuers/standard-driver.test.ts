import * as jose from 'jose';
import { describe, expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer, aGrant } from '../../test/fakes/driven-quirky-issuer.ts';
import * as quirky from '../../test/fakes/quirky-issuer.ts';
import { systemClock } from '../std/clock.ts';
import { hours, seconds } from '../std/duration.ts';
import { ok } from '../std/result.ts';
import { systemRng } from '../std/rng.ts';
import { Secret } from '../std/secret.ts';
import type { CallReport } from './issuer-session.ts';
import { createStaticDriver } from './static-driver.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();

const lastTo = (path: string) => issuer.requests.findLast((request) => request.path === path);
const lastForm = (path: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(lastTo(path)?.body));

describe('a token request', () => {
  test('asks for one resource and the scopes, and gives the claims as signed', async () => {
    const outcome = await aDriver().requestToken(aGrant(), aCall());
    const claims = { iss: issuer.identifier, aud: 'https://api.acme.example' };
    const value = { tokenType: 'Bearer', expiresIn: seconds(300), scope: 'invoices.read', claims };
    expect(outcome).toMatchObject({ ok: true, value });
    const form = {
      grant_type: 'client_credentials',
      resource: 'https://api.acme.example',
      scope: 'invoices.read',
    };
    expect(lastForm(quirky.tokenPath)).toEqual(form);
  });

  test.each([
    ['missing', undefined, undefined],
    ['a numeric string', '60', seconds(60)],
    ['a fraction', 59.9, seconds(59)],
    ['far too long', 1e12, hours(365 * 24)],
  ])('understands expires_in that is %s', async (_, given, expected) => {
    issuer.quirk(quirky.tokenPath, quirky.tokenWith({ expires_in: given }));
    const outcome = await aDriver().requestToken(aGrant(), aCall());
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.ok && outcome.value.expiresIn).toBe(expected);
  });

  // JSON.parse takes the last of two members with one name. Only one parser ever sees an answer, so nobody can be told two things.
  test('takes the last of duplicate JSON members, and that token is the one that is verified', async () => {
    issuer.quirk(quirky.tokenPath, async (exchange) => {
      const text = JSON.stringify(await quirky.tokenAnswer(exchange));
      await quirky.answer(200, `{"access_token":"forged",${text.slice(1)}`)(exchange);
    });
    expect(await aDriver().requestToken(aGrant(), aCall())).toMatchObject({ ok: true });
  });

  test('proves a workload by its ServiceAccount token', async () => {
    const authentication = {
      method: 'Federated' as const,
      by: 'ClientAssertion' as const,
      assertion: new Secret('sa.token.sig'),
    };
    await aDriver().requestToken(aGrant({ authentication }), aCall());
    expect(lastForm(quirky.tokenPath)).toMatchObject({
      client_id: 'client-1',
      client_assertion: 'sa.token.sig',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
  });

  test.each([
    [
      'JWTBearer' as const,
      { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'sa.token.sig' },
    ],
    [
      'TokenExchange' as const,
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'sa.token.sig',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      },
    ],
  ])('exchanges a ServiceAccount token by %s, with the client id alone beside it', async (by, form) => {
    const assertion = new Secret('sa.token.sig');
    const authentication = { method: 'Federated' as const, by, assertion };
    const outcome = await aDriver().requestToken(aGrant({ authentication }), aCall());
    expect(outcome).toMatchObject({ ok: true });
    expect(lastForm(quirky.tokenPath)).toEqual({
      ...form,
      client_id: 'client-1',
      resource: 'https://api.acme.example',
      scope: 'invoices.read',
    });
    await aDriver().revoke(new Secret('a.b.c'), { clientID: 'client-1', authentication }, aCall());
    expect(lastForm(quirky.revocationPath)).toEqual({
      client_id: 'client-1',
      token: 'a.b.c',
      token_type_hint: 'access_token',
    });
  });

  test('proves a key by an assertion for the issuer alone, short-lived and never the same', async () => {
    const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true });
    const jwk = { ...((await jose.exportJWK(privateKey)) as Record<string, string>), kid: 'key-1' };
    const grant = aGrant({ authentication: { method: 'PrivateKey', privateKey: new Secret(jwk) } });
    const driver = aDriver();
    const ids = new Set<unknown>();
    for (let n = 0; n < 2; n += 1) {
      await driver.requestToken(grant, aCall());
      const { client_assertion: assertion = '' } = lastForm(quirky.tokenPath);
      const { payload, protectedHeader } = await jose.jwtVerify(assertion, publicKey);
      expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'key-1' });
      expect(payload).toMatchObject({ iss: 'client-1', sub: 'client-1', aud: issuer.identifier });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
      ids.add(payload.jti);
    }
    expect(ids.size).toBe(2);
  });

  test('sends a secret in the way that the issuer supports', async () => {
    await aDriver().requestToken(aGrant(), aCall());
    expect(lastTo(quirky.tokenPath)?.headers.authorization).toMatch(/^Basic /);
    const metadata = {
      ...quirky.metadataOf(issuer.identifier),
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    };
    issuer.quirk(quirky.discoveryPath, quirky.answer(200, metadata));
    await aDriver().requestToken(aGrant(), aCall());
    expect(lastTo(quirky.tokenPath)?.headers.authorization).toBeUndefined();
    expect(lastForm(quirky.tokenPath)).toHaveProperty('client_secret');
  });

  test('reads the keys again for a token with a new key', async () => {
    const driver = aDriver();
    await driver.requestToken(aGrant(), aCall());
    await issuer.rotateKey();
    // jose waits 30 s between two looks at the keys; until then the token can't be checked and is not handed out.
    expect(await driver.requestToken(aGrant(), aCall())).toMatchObject({
      ok: false,
      error: { kind: 'unverifiable' },
    });
    expect(await aDriver().requestToken(aGrant(), aCall())).toMatchObject({ ok: true });
  });

  test('ten at once read metadata and keys once', async () => {
    const driver = aDriver();
    const before = issuer.requests.length;
    await Promise.all(Array.from({ length: 10 }, () => driver.requestToken(aGrant(), aCall())));
    const paths = issuer.requests.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => path === quirky.discoveryPath)).toHaveLength(1);
    expect(paths.filter((path) => path === quirky.jwksPath)).toHaveLength(1);
    expect(paths.filter((path) => path === quirky.tokenPath)).toHaveLength(10);
  });

  test('is reported with its outcome', async () => {
    const reports: CallReport[] = [];
    const driver = aDriver({ onCall: (report) => reports.push(report) });
    await driver.requestToken(aGrant(), aCall());
    issuer.quirk(quirky.tokenPath, quirky.answer(400, { error: 'invalid_scope' }));
    await driver.requestToken(aGrant(), aCall());
    expect(reports.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'requestToken ok',
      'requestToken rejected',
    ]);
  });
});

describe('discovery', () => {
  const discoverWith = (members: Record<string, unknown>) => {
    issuer.quirk(
      quirky.discoveryPath,
      quirky.answer(200, { ...quirky.metadataOf(issuer.identifier), ...members }),
    );
    return aDriver().discover(aCall());
  };

  test('falls back on OpenID Connect where RFC 8414 is not known', async () => {
    issuer.quirk(quirky.discoveryPath, quirky.webPage(200));
    issuer.quirk(quirky.oidcDiscoveryPath, quirky.answer(200, quirky.metadataOf(issuer.identifier)));
    expect(await aDriver().discover(aCall())).toMatchObject({ ok: true });
  });

  test.each([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['the issuer with a slash', { issuer: undefined, slash: true }],
    ['a token endpoint without TLS', { token_endpoint: 'http://127.0.0.1/token' }],
    ['keys at a file', { jwks_uri: 'file:///etc/passwd' }],
    ['a token endpoint with a password', { token_endpoint: 'https://user:password@127.0.0.1/token' }],
    ['no token endpoint', { token_endpoint: undefined }],
  ])('refuses a document with %s', async (name, members) => {
    const slash = name.endsWith('slash') ? { issuer: `${issuer.identifier}/` } : {};
    expect(await discoverWith({ ...members, ...slash })).toMatchObject({
      ok: false,
      error: { kind: 'malformed' },
    });
  });

  test('is done anew each time it is asked for', async () => {
    const driver = aDriver();
    await driver.discover(aCall());
    const before = issuer.requests.length;
    await driver.discover(aCall());
    expect(issuer.requests).toHaveLength(before + 1);
  });
});

describe('revocation', () => {
  test('sends the token and takes any success', async () => {
    issuer.quirk(quirky.revocationPath, quirky.webPage(200));
    const { clientID, authentication } = aGrant();
    const outcome = await aDriver().revoke(new Secret('a.b.c'), { clientID, authentication }, aCall());
    expect(outcome).toEqual(ok(undefined));
    expect(lastForm(quirky.revocationPath)).toMatchObject({
      token: 'a.b.c',
      token_type_hint: 'access_token',
    });
  });

  test('is refused where the issuer names no endpoint', async () => {
    const metadata = { ...quirky.metadataOf(issuer.identifier), revocation_endpoint: undefined };
    issuer.quirk(quirky.discoveryPath, quirky.answer(200, metadata));
    const outcome = await aDriver().revoke(new Secret('a.b.c'), aGrant(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
  });
});

test('a static issuer registers nothing and takes ServiceAccount tokens for granted', async () => {
  const limits = { requestsPerSecond: 10, burst: 10, concurrency: 2, timeout: seconds(2) };
  const { identifier, caBundle } = issuer;
  const forUsers = {
    ...quirky.metadataOf(identifier),
    authorization_endpoint: `${identifier}/authorize`,
    dpop_signing_alg_values_supported: ['ES256'],
  };
  issuer.quirk(quirky.discoveryPath, quirky.answer(200, forUsers));
  const driver = createStaticDriver({
    issuer: identifier,
    caBundle,
    limits,
    clock: systemClock,
    rng: systemRng,
  });
  const found = await driver.discover(aCall());
  // What no registration of ours holds it to is not there: redirect URIs neither.
  expect(found.ok && [...found.value].sort((a, b) => a.localeCompare(b))).toEqual([
    'DPoP',
    'FederatedAuthentication',
    'PrivateKeyAuthentication',
    'Revoke',
    'SecretAuthentication',
  ]);
  expect(await driver.deregister({ clientID: 'client-1' }, 'mark', aCall())).toMatchObject({
    error: { kind: 'rejected' },
  });
  expect(await driver.requestToken(aGrant(), aCall())).toMatchObject({ ok: true });
  await driver.close();
});
