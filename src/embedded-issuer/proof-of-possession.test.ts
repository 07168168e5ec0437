import {
  calculateJwkThumbprint,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { systemClock } from '../std/clock.ts';

let issuer: IssuerFixture;
let client: Answer;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
  client = await issuer.register(aRegistration({}, { dpop_bound_access_tokens: true }));
});
afterAll(() => issuer.stop());

/** A key and proofs of it for the token endpoint. */
async function aKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const proof = (claims: JWTPayload = {}) =>
    new SignJWT({ htm: 'POST', htu: `${issuer.running.url}/token`, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt(claims.iat)
      .sign(privateKey);
  return { jkt: await calculateJwkThumbprint(jwk), proof };
}

const ask = (dpop?: string, { json } = client): Promise<Answer> =>
  issuer.form(
    '/token',
    {
      client_id: String(json['client_id']),
      client_secret: String(json['client_secret']),
      grant_type: 'client_credentials',
    },
    dpop === undefined ? {} : { dpop },
  );

describe('a client that is registered for bound tokens (RFC 9449)', () => {
  it('is answered as it asked to be registered', () => {
    expect(client.json['dpop_bound_access_tokens']).toBe(true);
  });

  it('gets them for a proof, and each says to which key it is bound', async () => {
    const { jkt, proof } = await aKey();
    const answer = await ask(await proof());
    expect([answer.status, answer.json['token_type']]).toEqual([200, 'DPoP']);
    expect(decodeJwt(String(answer.json['access_token']))['cnf']).toEqual({ jkt });
  });

  it('gets none without', async () => {
    const answer = await ask();
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_grant']);
  });

  it('has to make a proof for each', async () => {
    const { proof } = await aKey();
    const used = await proof();
    expect((await ask(used)).status).toBe(200);
    expect((await ask(used)).status).toBe(400);
  });

  it.each<[string, JWTPayload]>([
    ['for another place', { htu: 'https://other.example/token' }],
    ['for another method', { htm: 'GET' }],
    ['of an hour ago', { iat: Math.floor(systemClock.now() / 1000) - 3600 }],
  ])('gets none for a proof %s', async (_, claims) => {
    const { proof } = await aKey();
    const answer = await ask(await proof(claims));
    expect([answer.status, answer.json['error']]).toEqual([400, 'invalid_dpop_proof']);
  });

  it('can have them introspected and revoked like others', async () => {
    const { jkt, proof } = await aKey();
    const token = String((await ask(await proof())).json['access_token']);
    const { json } = await issuer.asClient('/introspect', client, { token });
    expect(json).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt } });
    expect((await issuer.asClient('/revoke', client, { token })).status).toBe(200);
    expect(await issuer.isActive(client, token)).toBe(false);
  });
});

it('a client that is not may have its tokens bound all the same', async () => {
  const other = await issuer.register(aRegistration());
  const { jkt, proof } = await aKey();
  const answer = await ask(await proof(), other);
  expect(decodeJwt(String(answer.json['access_token']))['cnf']).toEqual({ jkt });
  expect((await ask(undefined, other)).json['token_type']).toBe('Bearer');
});
