import {
  createRemoteJWKSet,
  customFetch,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { systemClock } from '../std/clock.ts';

let issuer: IssuerFixture;
let client: Answer;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
  client = await issuer.register(aRegistration());
});
afterAll(() => issuer.stop());

/** Verifies a token as a resource server does: by the published keys. */
async function verify(token: unknown) {
  const keys = createRemoteJWKSet(new URL(`${issuer.running.url}/jwks`), {
    [customFetch]: async (url) => new Response((await issuer.send('GET', url)).text),
  });
  return jwtVerify(String(token), keys, { issuer: issuer.running.url, typ: 'at+jwt', algorithms: ['ES256'] });
}

describe('the token endpoint', () => {
  it('issues a JWT access token (RFC 9068) with the claims of the registration', async () => {
    const before = Math.floor(systemClock.now() / 1000);
    const answer = await issuer.token(client, {
      scope: 'invoices.read',
      resource: 'https://api.acme.example',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'invoices.read' });
    const { payload } = await verify(answer.json['access_token']);
    expect(payload).toEqual({
      iss: issuer.running.url,
      sub: client.json['client_id'],
      client_id: client.json['client_id'],
      aud: 'https://api.acme.example',
      scope: 'invoices.read',
      tenant_id: 'acme',
      roles: ['biller'],
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(payload.iat) + 600,
    });
    expect(Number(payload.iat)).toBeGreaterThanOrEqual(before);
  });

  it('takes the only audience when the request names no resource, and grants no scope that was not asked for', async () => {
    const answer = await issuer.token(client);
    const { payload } = await verify(answer.json['access_token']);
    expect([payload.aud, payload['scope']]).toEqual(['https://api.acme.example', undefined]);
  });

  it('accepts the secret in the Authorization header', async () => {
    const { client_id, client_secret } = client.json;
    const basic = Buffer.from(`${String(client_id)}:${String(client_secret)}`).toString('base64');
    const grant = { grant_type: 'client_credentials' };
    expect((await issuer.form('/token', grant, { authorization: `Basic ${basic}` })).status).toBe(200);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['a resource outside the audiences', { resource: 'https://other.example' }, 'invalid_target'],
    [
      'a resource that only begins like an audience',
      { resource: 'https://api.acme.example/' },
      'invalid_target',
    ],
    ['a scope outside the registration', { scope: 'invoices.read admin' }, 'invalid_scope'],
    ['a malformed scope', { scope: 'a  b' }, 'invalid_scope'],
    ['another grant', { grant_type: 'authorization_code', code: 'x' }, 'unsupported_grant_type'],
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client'],
    ['an unknown client', { client_id: 'unknown' }, 'invalid_client'],
  ])('refuses %s', async (_what, fields, error) => {
    const { status, json } = await issuer.token(client, fields);
    expect([status, json['error']]).toEqual([error === 'invalid_client' ? 401 : 400, error]);
  });

  it('refuses two resources', async () => {
    const two = await issuer.register(
      aRegistration({ audiences: ['https://a.example', 'https://b.example'] }),
    );
    const { client_id, client_secret } = two.json;
    const fields = `grant_type=client_credentials&client_id=${String(client_id)}&client_secret=${String(client_secret)}`;
    const body = `${fields}&resource=https://a.example&resource=https://b.example`;
    const answer = await issuer.send('POST', '/token', {
      'content-type': 'application/x-www-form-urlencoded',
      body,
    });
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_target']);
  });

  it('wants a resource from a client with several audiences', async () => {
    const two = await issuer.register(
      aRegistration({ audiences: ['https://a.example', 'https://b.example'] }),
    );
    expect((await issuer.token(two)).json['error']).toBe('invalid_target');
    expect((await issuer.token(two, { resource: 'https://b.example' })).status).toBe(200);
  });

  it('follows an update of the registration at once', async () => {
    const mine = await issuer.register(aRegistration());
    const { client_id } = mine.json;
    await issuer.manage('PUT', mine, {
      ...aRegistration({ accessTokenLifetime: 5 }),
      client_id,
      scope: 'other',
    });
    expect((await issuer.token(mine, { scope: 'invoices.read' })).json['error']).toBe('invalid_scope');
    expect((await issuer.token(mine, { scope: 'other' })).json['expires_in']).toBe(5);
  });
});

describe('private_key_jwt', () => {
  async function aKeyClient() {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] };
    const registered = await issuer.register(
      aRegistration({}, { token_endpoint_auth_method: 'private_key_jwt', jwks }),
    );
    const id = String(registered.json['client_id']);
    const assertion = (claims: JWTPayload = {}) =>
      new SignJWT({ iss: id, sub: id, aud: issuer.running.url, jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setExpirationTime(claims.exp ?? '60s')
        .sign(privateKey);
    return { registered, assertion };
  }
  const login = (assertion: string) =>
    issuer.form('/token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });

  it('is accepted once for each assertion, also when two requests bring it at once', async () => {
    const { registered, assertion } = await aKeyClient();
    expect(registered.json['client_secret']).toBeUndefined();
    const used = await assertion();
    expect((await login(used)).status).toBe(200);
    expect((await login(used)).json['error']).toBe('invalid_client');
    const twice = await assertion();
    const statuses = (await Promise.all([login(twice), login(twice)])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  it.each<[string, JWTPayload]>([
    ['for another audience', { aud: 'https://other.example' }],
    ['for this issuer and another', { aud: ['https://other.example', 'PLACEHOLDER'] }],
    ['that lives too long', { exp: Math.floor(systemClock.now() / 1000) + 7200 }],
    ['that has expired', { exp: Math.floor(systemClock.now() / 1000) - 60 }],
  ])('is refused %s', async (_what, claims) => {
    const { assertion } = await aKeyClient();
    const aud = Array.isArray(claims.aud) ? [...claims.aud.slice(0, 1), issuer.running.url] : claims.aud;
    const answer = await login(await assertion(aud === undefined ? claims : { ...claims, aud }));
    expect([answer.status, answer.json['error']]).toEqual([401, 'invalid_client']);
  });
});

describe('introspection and revocation', () => {
  const tokenOf = async (owner: Answer) =>
    String((await issuer.token(owner, { scope: 'invoices.read' })).json['access_token']);

  it('tells the owner what is in a token', async () => {
    const { json } = await issuer.asClient('/introspect', client, { token: await tokenOf(client) });
    expect(json).toEqual({
      active: true,
      iss: issuer.running.url,
      sub: client.json['client_id'],
      client_id: client.json['client_id'],
      aud: 'https://api.acme.example',
      scope: 'invoices.read',
      tenant_id: 'acme',
      roles: ['biller'],
      token_type: 'Bearer',
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  it('tells another client nothing, and does not let it revoke', async () => {
    const other = await issuer.register(aRegistration());
    const token = await tokenOf(client);
    expect((await issuer.asClient('/introspect', other, { token })).json).toEqual({ active: false });
    const refused = await issuer.asClient('/revoke', other, { token });
    expect([refused.status, refused.json['error']]).toEqual([400, 'unauthorized_client']);
    expect(await issuer.isActive(client, token)).toBe(true);
  });

  it('revokes one token and leaves the others', async () => {
    const [one, other] = [await tokenOf(client), await tokenOf(client)];
    expect(
      (await issuer.asClient('/revoke', client, { token: one, token_type_hint: 'access_token' })).status,
    ).toBe(200);
    expect([await issuer.isActive(client, one), await issuer.isActive(client, other)]).toEqual([false, true]);
  });

  it.each(['garbage', '~', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])(
    'takes %j for a token that it does not know',
    async (token) => {
      expect((await issuer.asClient('/introspect', client, { token })).json).toEqual({ active: false });
      expect((await issuer.asClient('/revoke', client, { token })).status).toBe(200);
    },
  );

  it('takes no token of its client with a broken signature', async () => {
    const token = await tokenOf(client);
    const [header, , signature] = token.split('.');
    const payload = Buffer.from(JSON.stringify({ client_id: client.json['client_id'] })).toString(
      'base64url',
    );
    expect(await issuer.isActive(client, `${header}.${payload}.${signature}`)).toBe(false);
  });

  it('wants the client to authenticate', async () => {
    const { client_id } = client.json;
    const fields = { client_id: String(client_id), client_secret: 'wrong', token: await tokenOf(client) };
    expect((await issuer.form('/introspect', fields)).status).toBe(401);
    expect((await issuer.form('/revoke', fields)).status).toBe(401);
  });

  it('revokes all tokens of a client with its registration access token, and only so', async () => {
    const mine = await issuer.register(aRegistration());
    const yours = await tokenOf(client);
    const token = await tokenOf(mine);
    const forged = {
      ...mine,
      json: { ...mine.json, registration_access_token: client.json['registration_access_token'] },
    };
    expect((await issuer.manage('DELETE', forged, undefined, '/tokens')).status).toBe(401);
    expect(await issuer.isActive(mine, token)).toBe(true);
    expect((await issuer.manage('DELETE', mine, undefined, '/tokens')).status).toBe(204);
    expect([await issuer.isActive(mine, token), await issuer.isActive(client, yours)]).toEqual([false, true]);
  });

  it('forgets the tokens of a deleted client', async () => {
    const mine = await issuer.register(aRegistration({}, { software_id: 'short-lived' }));
    const token = await tokenOf(mine);
    await issuer.manage('DELETE', mine);
    const again = await issuer.register(aRegistration({}, { software_id: 'short-lived' }));
    expect(await issuer.isActive(again, token)).toBe(false);
  });
});
