import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { sha256 } from '../std/digest.ts';
import { openStateFile } from './state-file.ts';

const [older, newer] = ['an-older-secret-of-the-registrant', 'a-newer-secret-of-the-registrant'];
const chosen = (...secrets: readonly string[]) =>
  aRegistration({ secretDigests: secrets.map((secret) => sha256(secret)) });

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
});
afterAll(() => issuer.stop());

const by = (client: Answer, client_secret: string) => ({
  client_id: String(client.json['client_id']),
  client_secret,
});
const login = async (client: Answer, secret: string) =>
  (await issuer.form('/token', { grant_type: 'client_credentials', ...by(client, secret) })).status;
const update = async (client: Answer, metadata: object) => {
  const updated = await issuer.manage('PUT', client, { ...metadata, client_id: client.json['client_id'] });
  expect(updated.status).toBe(200);
  return updated;
};

describe('a client with secrets of the registrant', () => {
  it('logs in with each of two, and with one only once that alone is registered', async () => {
    const client = await issuer.register(chosen(older));
    expect([await login(client, older), await login(client, newer)]).toEqual([200, 401]);
    await update(client, chosen(newer, older));
    expect([await login(client, older), await login(client, newer)]).toEqual([200, 200]);
    await update(client, chosen(newer));
    expect([await login(client, older), await login(client, newer)]).toEqual([401, 200]);
  });

  it('introspects and revokes with either', async () => {
    const client = await issuer.register(chosen(newer, older));
    const answer = await issuer.form('/token', { grant_type: 'client_credentials', ...by(client, older) });
    const token = String(answer.json['access_token']);
    const isActive = async (secret: string) =>
      (await issuer.form('/introspect', { token, ...by(client, secret) })).json['active'];
    expect([await isActive(older), await isActive(newer)]).toEqual([true, true]);
    expect((await issuer.form('/revoke', { token, ...by(client, 'neither') })).status).toBe(401);
    expect((await issuer.form('/revoke', { token, ...by(client, older) })).status).toBe(200);
    expect(await isActive(newer)).toBe(false);
  });

  it('is shown its digests and no secret, whatever is asked', async () => {
    const client = await issuer.register(chosen(newer, older));
    for (const answer of [client, await issuer.manage('GET', client), await update(client, chosen(newer))]) {
      expect(answer.json).not.toHaveProperty('client_secret');
      expect(answer.text).not.toContain(newer);
    }
    const { grantor } = (await issuer.manage('GET', client)).json;
    expect(grantor).toMatchObject({ secretDigests: [sha256(newer)] });
  });

  it('cannot log in with a digest, with an empty secret or with both secrets at once', async () => {
    const client = await issuer.register(chosen(newer, older));
    for (const secret of ['', sha256(newer), `${newer} ${older}`, `${newer}${older}`])
      expect(await login(client, secret)).toBe(401);
  });

  it('is nobody else: the secret of one opens no other', async () => {
    const [mine, yours] = [await issuer.register(chosen(older)), await issuer.register(chosen(newer))];
    expect([await login(mine, newer), await login(yours, older)]).toEqual([401, 401]);
  });

  it('ends the secret that this issuer made, and gets another one of those when it has none of its own', async () => {
    const client = await issuer.register(aRegistration());
    const made = String(client.json['client_secret']);
    await update(client, chosen(newer));
    expect([await login(client, made), await login(client, newer)]).toEqual([401, 200]);
    const back = await update(client, aRegistration());
    const another = String(back.json['client_secret']);
    expect(another).toMatch(/^[\w-]{43}$/);
    expect(another).not.toBe(made);
    expect([await login(client, another), await login(client, newer)]).toEqual([200, 401]);
  });

  it('keeps them when its mark is registered again, until other ones come with it', async () => {
    const mark = { software_id: 'chosen/again' };
    const first = await issuer.register({ ...chosen(older), ...mark });
    const second = await issuer.register({ ...chosen(newer, older), ...mark });
    expect(second.json['client_id']).toBe(first.json['client_id']);
    expect(second.json).not.toHaveProperty('client_secret');
    expect([await login(first, older), await login(first, newer)]).toEqual([200, 200]);
    const third = await issuer.register({ ...aRegistration(), ...mark });
    expect(await login(third, String(third.json['client_secret']))).toBe(200);
    expect([await login(third, older), await login(third, newer)]).toEqual([401, 401]);
  });

  it.each<[string, unknown]>([
    ['none', []],
    ['three', [older, newer, 'third'].map((secret) => sha256(secret))],
    ['the same twice', [sha256(older), sha256(older)]],
    ['one in plain text', [older]],
    ['one in hexadecimal', ['a'.repeat(64)]],
    ['one that is longer than a digest', [`${sha256(older)}A`]],
    ['one that is a digest but for its last bits', [`${'A'.repeat(42)}B`]],
    ['a digest outside a list', sha256(older)],
    ['what is no text', [7]],
  ])('is not registered with %s', async (_, secretDigests) => {
    const { status, json } = await issuer.register(aRegistration({ secretDigests }));
    expect([status, json['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  it('is not registered for another way to log in', async () => {
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };
    const key = { token_endpoint_auth_method: 'private_key_jwt', jwks };
    const refused = await issuer.register(aRegistration({ secretDigests: [sha256(older)] }, key));
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_client_metadata']);
    expect(refused.json['error_description']).toContain('secretDigests');
  });
});

describe('the state file', () => {
  it('holds digests alone, which outlive a restart', async () => {
    const client = await issuer.register(chosen(newer, older));
    await issuer.running.stop();
    const db = openStateFile(join(issuer.directory, 'state.db'));
    const rows = db
      .prepare('SELECT metadata FROM clients WHERE client_id = ?')
      .all(String(client.json['client_id']));
    db.close();
    expect(JSON.stringify(rows)).toContain(sha256(older));
    expect(JSON.stringify(rows)).not.toMatch(/client_secret"|secret-of-the-registrant/);
    await issuer.startIssuer({ port: issuer.running.port });
    expect([await login(client, older), await login(client, newer)]).toEqual([200, 200]);
  });

  it('serves clients without digests as it always did: they keep the secret that was made for them', async () => {
    const client = await issuer.register(aRegistration());
    const made = String(client.json['client_secret']);
    await issuer.restart();
    expect(await login(client, made)).toBe(200);
    const updated = await update(client, aRegistration({ roles: [] }));
    expect(updated.json['client_secret']).toBe(made);
  });
});
