import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  aRegistration,
  IssuerFixture,
  initialAccessToken,
} from '../../test/embedded-issuer/issuer-fixture.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
});
afterAll(() => issuer.stop());

describe('registration', () => {
  it('answers with the client, its secret and what it takes to manage it', async () => {
    const { status, json } = await issuer.register(aRegistration());
    expect(status).toBe(201);
    expect(json).toMatchObject({
      ...aRegistration(),
      client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      grant_types: ['client_credentials'],
      registration_client_uri: `${issuer.running.url}/register/${String(json['client_id'])}`,
      registration_access_token: expect.any(String),
    });
  });

  it.each([
    ['no', ''],
    ['a wrong', `${initialAccessToken}x`],
  ])('refuses a request with %s initial access token', async (_which, token) => {
    const { status, json } = await issuer.register(aRegistration(), token);
    expect([status, json['error']]).toEqual(token === '' ? [400, 'invalid_request'] : [401, 'invalid_token']);
  });

  it('accepts scopes that nobody configured', async () => {
    const { status, json } = await issuer.register(
      aRegistration({}, { scope: 'any:thing/goes openid a.b-c' }),
    );
    expect([status, json['scope']]).toEqual([201, 'any:thing/goes openid a.b-c']);
  });

  it('registers a client without the member grantor, which then gets no tokens', async () => {
    const { grantor: _, ...metadata } = aRegistration();
    const client = await issuer.register(metadata);
    expect(client.status).toBe(201);
    const refused = await issuer.token(client);
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_target']);
  });

  it.each<[string, object]>([
    ['a grantor that is no object', { grantor: 'acme' }],
    ['an unknown member of grantor', aRegistration({ admin: true })],
    ['no tenant', aRegistration({ tenantID: '' })],
    ['a lifetime below the floor', aRegistration({ accessTokenLifetime: 4 })],
    ['a lifetime above the ceiling', aRegistration({ accessTokenLifetime: 86_401 })],
    ['an audience that is no URI', aRegistration({ audiences: ['api'] })],
    [
      'too many audiences',
      aRegistration({ audiences: Array.from({ length: 33 }, (_, n) => `https://a${n}.example`) }),
    ],
    ['a role that is no word', aRegistration({ roles: ['a b'] })],
    ['a workload of a cluster that is not trusted', aRegistration({ workload: aWorkload() }, federated)],
    ['a workload with a secret', aRegistration({ workload: aWorkload() })],
    ['another grant', aRegistration({}, { grant_types: ['authorization_code'] })],
    [
      'a response type',
      aRegistration({}, { response_types: ['code'], redirect_uris: ['https://a.example'] }),
    ],
    ['keys by address', aRegistration({}, { ...federated, jwks_uri: 'https://keys.example/jwks' })],
    ['a sector identifier', aRegistration({}, { sector_identifier_uri: 'https://a.example/sector' })],
    ['a malformed scope', aRegistration({}, { scope: 'a  b' })],
    ['a scope that is no string', aRegistration({}, { scope: ['a'] })],
    ['a software_id that is no string', aRegistration({}, { software_id: 7 })],
    ['no authentication', aRegistration({}, { token_endpoint_auth_method: 'none' })],
  ])('refuses %s', async (_what, metadata) => {
    const { status, json } = await issuer.register(metadata);
    expect([status, json['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  it('refuses a body beyond the limit', async () => {
    const { status } = await issuer.register(aRegistration({}, { client_name: 'x'.repeat(60_000) }));
    expect(status).toBe(413);
  });
});

describe('registering a software_id again', () => {
  const mark = (name: string) => ({ software_id: `cluster/acme-prod/${name}/uid` });

  it('answers with the same client and secret, the new metadata and a fresh registration access token', async () => {
    const first = await issuer.register(aRegistration({}, mark('again')));
    const second = await issuer.register(
      aRegistration({ accessTokenLifetime: 60 }, { ...mark('again'), scope: 'x' }),
    );
    expect(second.status).toBe(201);
    for (const member of ['client_id', 'client_secret', 'client_id_issued_at']) {
      expect(second.json[member]).toEqual(first.json[member]);
    }
    expect(second.json['registration_access_token']).not.toBe(first.json['registration_access_token']);
    expect((await issuer.manage('GET', second)).json).toMatchObject({
      scope: 'x',
      grantor: { accessTokenLifetime: 60 },
    });
  });

  it('makes one client of many requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => issuer.register(aRegistration({}, mark('at-once')))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ json }) => json['client_id'])).size).toBe(1);
    expect(new Set(answers.map(({ json }) => json['client_secret'])).size).toBe(1);
  });

  it('keeps the last two registration access tokens and no more', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 3; n += 1) answers.push(await issuer.register(aRegistration({}, mark('tokens'))));
    const statuses = await Promise.all(
      answers.map(async (answer) => (await issuer.manage('GET', answer)).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses[2]).toBe(200);
  });

  it('makes a new client after the old one was deleted', async () => {
    const first = await issuer.register(aRegistration({}, mark('deleted')));
    await issuer.manage('DELETE', first);
    const second = await issuer.register(aRegistration({}, mark('deleted')));
    expect(second.status).toBe(201);
    expect(second.json['client_id']).not.toBe(first.json['client_id']);
  });
});

describe('management of a registration', () => {
  it('replaces the metadata without changing id, secret or registration access token', async () => {
    const client = await issuer.register(aRegistration());
    const { client_id } = client.json;
    const updated = await issuer.manage('PUT', client, { ...aRegistration({ roles: [] }), client_id });
    expect(updated.status).toBe(200);
    expect(updated.json).toMatchObject({
      client_id,
      client_secret: client.json['client_secret'],
      registration_access_token: client.json['registration_access_token'],
      grantor: { roles: [] },
    });
    expect((await issuer.manage('GET', client)).json).toEqual(updated.json);
  });

  it('refuses another software_id', async () => {
    const client = await issuer.register(aRegistration({}, { software_id: 'mine' }));
    const { client_id } = client.json;
    const updated = await issuer.manage('PUT', client, {
      ...aRegistration({}, { software_id: 'yours' }),
      client_id,
    });
    expect([updated.status, updated.json['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  it('deletes the client and what managed it', async () => {
    const client = await issuer.register(aRegistration());
    expect((await issuer.manage('DELETE', client)).status).toBe(204);
    expect((await issuer.manage('GET', client)).status).toBe(401);
    expect((await issuer.token(client)).json['error']).toBe('invalid_client');
  });

  it('refuses the registration access token of another client', async () => {
    const [mine, yours] = [await issuer.register(aRegistration()), await issuer.register(aRegistration())];
    const { registration_client_uri } = yours.json;
    const mixed = { ...mine, json: { ...mine.json, registration_client_uri } };
    expect((await issuer.manage('GET', mixed)).status).toBe(401);
  });
});

const federated = { token_endpoint_auth_method: 'private_key_jwt' };

function aWorkload() {
  return { issuer: 'https://cluster.example', subject: 'system:serviceaccount:acme:billing', uid: 'u-1' };
}
