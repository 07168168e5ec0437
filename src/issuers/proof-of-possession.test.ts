import * as jose from 'jose';
import { describe, expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer, aGrant } from '../../test/fakes/driven-quirky-issuer.ts';
import * as quirky from '../../test/fakes/quirky-issuer.ts';
import type { ClientAuthentication } from '../ports/issuer-driver.ts';
import type { Json } from '../std/canonical-json.ts';
import { Secret } from '../std/secret.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();

async function aTokenKey() {
  const { privateKey } = await jose.generateKeyPair('ES256', { extractable: true });
  const jwk = (await jose.exportJWK(privateKey)) as { readonly [member: string]: Json };
  return { tokenKey: new Secret(jwk), jkt: await jose.calculateJwkThumbprint(jwk) };
}

/** The proofs that came to the token endpoint, verified as a server does it: with the key that is in each. */
const proofs = () =>
  Promise.all(
    issuer.requests
      .filter(({ path }) => path === quirky.tokenPath)
      .map(({ headers }) =>
        jose.jwtVerify(String(headers['dpop']), jose.EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] }),
      ),
  );

/** Gives tokens that are bound, but wants a nonce of its own in the proof first. */
const wantsNonce: quirky.Quirk = async (exchange) => {
  const { payload } = await jose.jwtVerify(String(exchange.headers['dpop']), jose.EmbeddedJWK);
  if (payload['nonce'] === 'n-1') return quirky.tokenWith({ token_type: 'DPoP' })(exchange);
  return quirky.answer(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n-1' })(exchange);
};

describe('a token that is to be bound to a key', () => {
  test('is asked for with a proof of the key, which leaves no private part behind', async () => {
    issuer.quirk(quirky.tokenPath, quirky.tokenWith({ token_type: 'DPoP' }));
    const { tokenKey, jkt } = await aTokenKey();
    const outcome = await aDriver().requestToken(aGrant({ tokenKey }), aCall());
    expect(outcome).toMatchObject({ ok: true, value: { tokenType: 'DPoP' } });
    const { payload, protectedHeader } = (await proofs()).at(-1)!;
    expect(payload).toMatchObject({ htm: 'POST', htu: issuer.identifier + quirky.tokenPath });
    expect(Object.keys(protectedHeader.jwk ?? {}).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(await jose.calculateJwkThumbprint(protectedHeader.jwk as jose.JWK)).toBe(jkt);
  });

  test('is asked for once more where the issuer wants a nonce, with another proof of the client', async () => {
    issuer.quirk(quirky.tokenPath, wantsNonce);
    const { tokenKey } = await aTokenKey();
    const federated = (assertion: string): ClientAuthentication => ({
      method: 'Federated',
      by: 'ClientAssertion',
      assertion: new Secret(assertion),
    });
    const grant = aGrant({
      tokenKey,
      authentication: federated('sa.token.1'),
      secondProof: async () => federated('sa.token.2'),
    });
    expect(await aDriver().requestToken(grant, aCall())).toMatchObject({ ok: true });
    const sent = issuer.requests.filter(({ path }) => path === quirky.tokenPath).slice(-2);
    const assertions = sent.map(({ body }) => new URLSearchParams(body).get('client_assertion'));
    expect(assertions).toEqual(['sa.token.1', 'sa.token.2']);
    expect((await proofs()).slice(-2).map(({ payload }) => payload['nonce'])).toEqual([undefined, 'n-1']);
  });

  test('is not asked for for ever', async () => {
    const insists = quirky.answer(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'n-2' });
    issuer.quirk(quirky.tokenPath, insists);
    const before = issuer.requests.length;
    const { tokenKey } = await aTokenKey();
    const outcome = await aDriver().requestToken(aGrant({ tokenKey }), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected', oauthError: 'use_dpop_nonce' } });
    const asked = issuer.requests.slice(before).filter(({ path }) => path === quirky.tokenPath);
    expect(asked).toHaveLength(2);
  });

  test('is refused where it is for whoever has it', async () => {
    const { tokenKey } = await aTokenKey();
    const outcome = await aDriver().requestToken(aGrant({ tokenKey }), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  });
});
