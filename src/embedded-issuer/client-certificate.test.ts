import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeJwt } from 'jose';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { generateCertifiedKeyPair } from '../controllers/client/certified-key-pair.ts';
import { tlsFiles } from '../delivery/tls-files.ts';
import { generateKeyPair, type KeyPair } from '../issuance/key-pair.ts';
import { sha256 } from '../std/digest.ts';

const method = { token_endpoint_auth_method: 'self_signed_tls_client_auth' };
const withKeys = (...pairs: readonly KeyPair[]) =>
  aRegistration({}, { ...method, jwks: { keys: pairs.map(({ publicKey }) => publicKey) } });
const [older, newer] = [generateCertifiedKeyPair(), generateCertifiedKeyPair()];

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
});
afterAll(() => issuer.stop());

type Fields = Readonly<Record<string, string>>;

/** A request over a connection with this certificate, or without one. */
async function send(pair: KeyPair | undefined, client: Answer, path: string, fields: Fields) {
  const files = pair && tlsFiles(pair);
  const ca = readFileSync(issuer.certificate.caFile, 'utf8');
  const agent = new Agent({
    connect: { ca, ...(files && { cert: files['tls.crt'], key: files['tls.key'].reveal() }) },
  });
  try {
    const { statusCode, body } = await request(`${issuer.running.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: String(client.json['client_id']), ...fields }).toString(),
      dispatcher: agent,
    });
    const text = await body.text();
    return {
      status: statusCode,
      json: (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>,
    };
  } finally {
    await agent.close();
  }
}

const ask = (pair: KeyPair | undefined, client: Answer, fields: Fields = {}) =>
  send(pair, client, '/token', { grant_type: 'client_credentials', ...fields });
const update = async (client: Answer, metadata: object) => {
  const updated = await issuer.manage('PUT', client, { ...metadata, client_id: client.json['client_id'] });
  expect(updated.status).toBe(200);
};

describe('a client with a certificate (RFC 8705 section 2.2)', () => {
  it('logs in over a connection with it, and while it is replaced with either', async () => {
    const client = await issuer.register(withKeys(older));
    const outcomes = async () => [(await ask(older, client)).status, (await ask(newer, client)).status];
    expect(await outcomes()).toEqual([200, 401]);
    await update(client, withKeys(newer, older));
    expect(await outcomes()).toEqual([200, 200]);
    await update(client, withKeys(newer));
    expect(await outcomes()).toEqual([401, 200]);
  });

  it('introspects and revokes so', async () => {
    const client = await issuer.register(withKeys(older));
    const token = String((await ask(older, client)).json['access_token']);
    expect((await send(older, client, '/introspect', { token })).json['active']).toBe(true);
    expect((await send(newer, client, '/introspect', { token })).status).toBe(401);
    expect((await send(older, client, '/revoke', { token })).status).toBe(200);
    expect((await send(older, client, '/introspect', { token })).json['active']).toBe(false);
  });

  it('gets nothing without, nor with a secret', async () => {
    const client = await issuer.register(withKeys(older));
    expect((await ask(undefined, client)).json['error']).toBe('invalid_client');
    expect((await ask(undefined, client, { client_secret: 'x' })).json['error']).toBe('invalid_client');
  });

  it('is no other client that has one, and none that logs in otherwise', async () => {
    const [mine, yours] = [await issuer.register(withKeys(older)), await issuer.register(withKeys(newer))];
    const bySecret = await issuer.register(aRegistration());
    expect((await ask(newer, mine)).status).toBe(401);
    expect((await ask(older, yours)).status).toBe(401);
    expect((await ask(older, bySecret)).status).toBe(401);
    const { client_secret } = bySecret.json;
    expect((await ask(older, bySecret, { client_secret: String(client_secret) })).status).toBe(200);
  });

  it('may have its tokens bound to the certificate (section 3), and then gets no others', async () => {
    const bound = { ...withKeys(older), tls_client_certificate_bound_access_tokens: true };
    const client = await issuer.register(bound);
    const { json } = await ask(older, client);
    const { raw } = new X509Certificate(tlsFiles(older)!['tls.crt']);
    const cnf = { 'x5t#S256': Buffer.from(await crypto.subtle.digest('SHA-256', raw)).toString('base64url') };
    const token = String(json['access_token']);
    expect(decodeJwt(token)['cnf']).toEqual(cnf);
    expect((await send(older, client, '/introspect', { token })).json['cnf']).toEqual(cnf);
  });

  it.each<[string, object]>([
    ['no keys', aRegistration({}, method)],
    ['a key without a certificate', withKeys(older, generateKeyPair())],
    [
      'what is no certificate',
      aRegistration({}, { ...method, jwks: { keys: [{ ...older.publicKey, x5c: ['AAAA'] }] } }),
    ],
    [
      'a chain',
      aRegistration(
        {},
        {
          ...method,
          jwks: { keys: [{ ...older.publicKey, x5c: [...(older.publicKey['x5c'] as string[]), 'AAAA'] }] },
        },
      ),
    ],
    [
      'a certificate that is too long',
      aRegistration({}, { ...method, jwks: { keys: [{ ...older.publicKey, x5c: ['A'.repeat(5000)] }] } }),
    ],
    ['keys by address', aRegistration({}, { ...method, jwks_uri: 'https://keys.example/jwks' })],
    [
      'secrets beside',
      { ...withKeys(older), grantor: { ...aRegistration().grantor, secretDigests: [sha256('x')] } },
    ],
  ])('is not registered with %s', async (_, metadata) => {
    const { status, json } = await issuer.register(metadata);
    expect([status, json['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  it('outlives a restart and a renewed connection', async () => {
    const client = await issuer.register(withKeys(older));
    await issuer.restart();
    for (let n = 0; n < 3; n += 1) expect((await ask(older, client)).status).toBe(200);
  });
});
