import * as jose from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { podAlone } from './workload-alone.ts';

describe.runIf(onOwnControlPlane())('a tenant whose tokens have to be bound to keys', () => {
  const stage = useStage();
  const see = look(stage);
  const tenant = 'bound';

  beforeAll(async () => {
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant, { tokens: { proofOfPossession: 'DPoP' } }),
      ...aWorkload(tenant, 'api', { client: { proofOfPossession: 'DPoP', accessTokenLifetime: '10s' } }),
    ]);
    await see.until('binding', `${tenant}/api`, 'True');
  });

  /** The token that is there now, with its key. */
  const delivered = async () => {
    const {
      token = '',
      token_type,
      'dpop.jwk': jwk = '{}',
    } = (await see.content(`${tenant}/api-token`)) ?? {};
    return { token_type, jwk: JSON.parse(jwk) as jose.JWK, claims: jose.decodeJwt(token) };
  };

  test('gets each with a key of its own, for which a resource server can ask', async () => {
    const first = await delivered();
    expect(first.token_type).toBe('DPoP');
    expect(first.claims['cnf']).toEqual({ jkt: await jose.calculateJwkThumbprint(first.jwk) });
    // What a workload does with it, and a resource server after that (docs/proof-of-possession.md).
    const { kty, crv, x, y } = first.jwk;
    const proof = await new jose.SignJWT({ htm: 'GET', htu: 'https://api.example/', jti: 'once' })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } as jose.JWK })
      .setIssuedAt()
      .sign(await jose.importJWK(first.jwk, 'ES256'));
    const { protectedHeader } = await jose.jwtVerify(proof, jose.EmbeddedJWK, { typ: 'dpop+jwt' });
    const jkt = await jose.calculateJwkThumbprint(protectedHeader.jwk as jose.JWK);
    expect(first.claims['cnf']).toEqual({ jkt });
    await expect
      .poll(async () => (await delivered()).claims.jti, { timeout: 15_000 })
      .not.toBe(first.claims.jti);
    const second = await delivered();
    expect(second.claims['cnf']).toEqual({ jkt: await jose.calculateJwkThumbprint(second.jwk) });
    expect(second.jwk.d).not.toBe(first.jwk.d);
  });

  test('rule 0: a pod that goes past us gets no token that is good for whoever has it', async () => {
    const client_id = await see.clientID(`${tenant}/api`);
    const form = { client_id, scope: 'orders.read', resource: 'https://api.example' };
    const answer = await podAlone(stage).asks(tenant, 'api', form);
    expect(answer).toEqual({ status: 400, error: 'invalid_grant' });
  });
});
