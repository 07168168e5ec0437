import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  errorOf,
  FederationFixture,
  type Fields,
  form,
  jwt,
  jwtBearer,
  tokenExchange,
} from '../../test/embedded-issuer/federation-fixture.ts';
import { aRegistration } from '../../test/embedded-issuer/issuer-fixture.ts';

let under: FederationFixture;
beforeAll(async () => {
  under = await FederationFixture.start();
});
afterAll(() => under.stop());

describe.each(['JWTBearer', 'TokenExchange'] as const)('%s', (way) => {
  const [parameter, refusal] = {
    JWTBearer: ['assertion', 'invalid_grant'],
    TokenExchange: ['subject_token', 'invalid_request'],
  }[way] as [string, string];

  it("gives the client's own token, with all that its registration says, again and again", async () => {
    const token = await under.tokenOf(way);
    for (let n = 0; n < 2; n += 1) {
      const answer = await under.ask(way, under.clients[way], token, { scope: 'invoices.read' });
      expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'invoices.read' });
      const { client_id } = under.clients[way].json;
      expect(decodeJwt(String(answer.json['access_token']))).toMatchObject({
        ...{ sub: client_id, client_id, aud: 'https://api.acme.example', scope: 'invoices.read' },
        ...{ tenant_id: 'acme', roles: ['biller'] },
      });
    }
  });

  it('writes down which pod the token is of', async () => {
    const token = await under.tokenOf(way, {
      'kubernetes.io': { serviceaccount: { uid: `uid-of-${way}` }, pod: { uid: `pod-${way}` } },
    });
    await under.ask(way, under.clients[way], token);
    expect(under.issuer.lines.at(-1)?.fields).toMatchObject({ event: 'token.issued', pod_uid: `pod-${way}` });
  });

  it('says what it has given where the standard asks for that', async () => {
    const { json } = await under.ask(way, under.clients[way], await under.tokenOf(way));
    const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
    expect(json['issued_token_type']).toBe(way === 'TokenExchange' ? accessToken : undefined);
  });

  it('binds the token to the key of a proof', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const proof = await new SignJWT({
      htm: 'POST',
      htu: `${under.issuer.running.url}/token`,
      jti: crypto.randomUUID(),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
    const { json } = await under.ask(way, under.clients[way], await under.tokenOf(way), {}, { dpop: proof });
    expect(json['token_type']).toBe('DPoP');
    const { cnf } = decodeJwt(String(json['access_token']));
    expect(cnf).toEqual({ jkt: await calculateJwkThumbprint(jwk) });
  });

  it('gives a client that is registered so no token without a proof', async () => {
    const name = `${way}-bound`;
    const client = await under.register(way, name, { dpop_bound_access_tokens: true });
    expect(errorOf(await under.ask(way, client, await under.tokenOf(name)))).toBe('invalid_grant');
  });

  it.each<[string, () => Promise<string>]>([
    ['of another workload', () => under.tokenOf('somebody-else')],
    ['of the workload of another client', () => under.tokenOf('ClientAssertion')],
    [
      'of a recreated ServiceAccount',
      () => under.tokenOf(way, { 'kubernetes.io': { serviceaccount: { uid: 'new' } } }),
    ],
    ['without a ServiceAccount UID', () => under.tokenOf(way, { 'kubernetes.io': undefined })],
    ['for another audience', () => under.tokenOf(way, { aud: ['https://other.example'] })],
    [
      'for this issuer and another',
      () => under.tokenOf(way, { aud: [under.issuer.running.url, 'https://other.example'] }),
    ],
    ['of a cluster that is not trusted', () => under.tokenOf(way, { iss: 'https://other-cluster.example' })],
    ['that has expired', () => under.tokenOf(way, { exp: 1_000_000_000 })],
    ['signed with a forged key', () => under.tokenOf(way, {}, 'forged')],
    ['that is not signed', () => under.tokenOf(way, {}, 'unsecured')],
    ['that is nothing of the kind', async () => 'a.b.c'],
    ['that is longer than any', async () => randomBytes(15_000).toString('base64url')],
  ])('refuses a token %s', async (_, token) => {
    expect(errorOf(await under.ask(way, under.clients[way], await token()))).toBe(refusal);
  });

  it("does not take an access token of this issuer's for one of a ServiceAccount", async () => {
    const { json } = await under.ask(way, under.clients[way], await under.tokenOf(way));
    expect(errorOf(await under.ask(way, under.clients[way], String(json['access_token'])))).toBe(refusal);
  });

  it.each<[string, () => Promise<Fields>]>([
    ['no client id', async () => ({ client_id: '' })],
    ['the id of a client that does not exist', async () => ({ client_id: 'nobody' })],
    [
      'the id of a client that logs in otherwise',
      async () => ({ client_id: String(under.clients.ClientAssertion.json['client_id']) }),
    ],
    ['a client assertion beside', async () => form.ClientAssertion(await under.tokenOf(way))],
    ['a client secret beside', async () => ({ client_secret: 'x' })],
    ['no token', async () => ({ [parameter]: '' })],
    ['a scope that is not registered', async () => ({ scope: 'admin' })],
    ['a resource that is not registered', async () => ({ resource: 'https://other.example' })],
  ])('refuses %s', async (_, fields) => {
    errorOf(await under.ask(way, under.clients[way], await under.tokenOf(way), await fields()));
  });

  it('refuses a token that comes twice', async () => {
    const token = await under.tokenOf(way);
    const fields = new URLSearchParams({
      client_id: String(under.clients[way].json['client_id']),
      ...form[way](token),
    });
    fields.append(parameter, await under.tokenOf(way));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await under.issuer.send('POST', '/token', { ...headers, body: fields.toString() });
    expect(errorOf(answer)).toBe('invalid_request');
  });

  it('gives nothing for the client id alone, by whichever grant', async () => {
    const client_id = String(under.clients[way].json['client_id']);
    for (const grant_type of ['client_credentials', jwtBearer, tokenExchange])
      errorOf(await under.issuer.form('/token', { client_id, grant_type }));
  });

  it('asks the caller to come back where the keys of the cluster cannot be had', async () => {
    await under.issuer.restart({ trustedClusters: [under.cluster.trust] });
    under.cluster.answer({ status: 500 });
    expect(errorOf(await under.ask(way, under.clients[way], await under.tokenOf(way)))).toBe(
      'temporarily_unavailable',
    );
    under.cluster.answer({ status: 200 });
    expect((await under.ask(way, under.clients[way], await under.tokenOf(way))).status).toBe(200);
  });

  it('leaves no token in the log', async () => {
    const forged = await under.tokenOf(way, {}, 'forged');
    await under.ask(way, under.clients[way], forged);
    expect(JSON.stringify(under.issuer.lines)).toContain('signature verification failed');
    expect(JSON.stringify(under.issuer.lines)).not.toContain(forged.split('.')[1]);
  });

  it('lets the client revoke its token, and tells whoever only knows its id nothing of it', async () => {
    const client_id = String(under.clients[way].json['client_id']);
    const token = String(
      (await under.ask(way, under.clients[way], await under.tokenOf(way))).json['access_token'],
    );
    const server = await under.issuer.register(
      aRegistration({ audiences: [], introspects: ['https://api.acme.example'] }),
    );
    expect((await under.issuer.form('/introspect', { client_id, token })).json).toEqual({ active: false });
    expect(await under.issuer.isActive(server, token)).toBe(true);
    expect((await under.issuer.form('/revoke', { client_id, token })).status).toBe(200);
    expect(await under.issuer.isActive(server, token)).toBe(false);
  });

  it('is announced where a cluster is trusted, and only there', async () => {
    const announced = async () => (await under.issuer.send('GET', '/.well-known/openid-configuration')).json;
    const { grantType } = {
      JWTBearer: { grantType: jwtBearer },
      TokenExchange: { grantType: tokenExchange },
    }[way];
    expect((await announced())['grant_types_supported']).toContain(grantType);
    await under.issuer.restart({ trustedClusters: [] });
    expect((await announced())['grant_types_supported']).toEqual(['client_credentials']);
    expect((await announced())['token_endpoint_auth_methods_supported']).not.toContain('none');
    expect(errorOf(await under.ask(way, under.clients[way], await under.tokenOf(way)))).toBe(refusal);
    await under.issuer.restart({ trustedClusters: [under.cluster.trust] });
  });
});

describe('TokenExchange', () => {
  it.each<[string, Fields, string]>([
    [
      'another type of subject token',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
      'invalid_request',
    ],
    ['no type of subject token', { subject_token_type: '' }, 'invalid_request'],
    [
      'another type of issued token',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      'invalid_request',
    ],
    [
      'an actor, who would be left out in silence',
      { actor_token: 'a.b.c', actor_token_type: jwt },
      'invalid_request',
    ],
    ['an audience that is not named as resource', { audience: 'https://api.acme.example' }, 'invalid_target'],
  ])('refuses %s', async (_, fields, error) => {
    const answer = await under.ask(
      'TokenExchange',
      under.clients.TokenExchange,
      await under.tokenOf('TokenExchange'),
      fields,
    );
    expect(errorOf(answer)).toBe(error);
  });
});
