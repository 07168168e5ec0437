import * as jose from 'jose';
import { describe, expect, test } from 'vitest';
import { Secret } from '../std/secret.ts';
import { verifyToken } from './verify-token.ts';

const payload = new TextEncoder().encode('{"iss":"https://issuer.example"}');

/** A token signed with `alg` and a key set that would verify it. */
async function signedWith(alg: string, content = payload) {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { modulusLength: 2048 });
  const keys = jose.createLocalJWKSet({ keys: [await jose.exportJWK(publicKey)] });
  const token = new Secret(await new jose.CompactSign(content).setProtectedHeader({ alg }).sign(privateKey));
  return { token, keys };
}

describe('a token', () => {
  test.each(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'])('signed with %s is read', async (alg) => {
    const { token, keys } = await signedWith(alg);
    expect(await verifyToken(token, keys)).toEqual({ ok: true, value: { iss: 'https://issuer.example' } });
  });

  test.each(['ES512', 'RS512', 'PS512'])(
    'signed with %s is refused, whatever keys the issuer has',
    async (alg) => {
      const { token, keys } = await signedWith(alg);
      await expect(verifyToken(token, keys)).rejects.toMatchObject({ code: 'ERR_JOSE_ALG_NOT_ALLOWED' });
    },
  );

  test('signed with a public key as shared secret is refused', async () => {
    const { keys } = await signedWith('RS256');
    const token = await new jose.CompactSign(payload)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    await expect(verifyToken(new Secret(token), keys)).rejects.toMatchObject({
      code: 'ERR_JOSE_ALG_NOT_ALLOWED',
    });
  });

  test.each(['[]', 'null', '"text"', 'not JSON', ''])('whose payload is %j is refused', async (content) => {
    const { token, keys } = await signedWith('ES256', new TextEncoder().encode(content));
    expect(await verifyToken(token, keys)).toMatchObject({ ok: false, error: { kind: 'unverifiable' } });
  });

  test('of an issuer without keys is refused', async () => {
    const { token } = await signedWith('ES256');
    expect(await verifyToken(token, undefined)).toMatchObject({ ok: false, error: { kind: 'unverifiable' } });
  });
});
