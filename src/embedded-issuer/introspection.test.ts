import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';

const audience = 'https://api.acme.example';
const another = 'https://other.example';

let issuer: IssuerFixture;
/** The resource server that `audience` is: it obtains nothing itself. */
let server: Answer;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
  server = await issuer.register(aRegistration({ audiences: [], roles: [], introspects: [audience] }));
});
afterAll(() => issuer.stop());

const aClientWithToken = async (grantor: object = {}) => {
  const client = await issuer.register(aRegistration(grantor));
  return { client, token: await tokenOf(client) };
};
const tokenOf = async (client: Answer, resource = audience) =>
  String((await issuer.token(client, { scope: 'invoices.read', resource })).json['access_token']);
const introspected = async (by: Answer, token: string) =>
  (await issuer.asClient('/introspect', by, { token })).json;

describe('a resource server', () => {
  it('is told what a token for its audience is, whichever tenant holds it', async () => {
    for (const tenantID of ['acme', 'umbrella']) {
      const { client, token } = await aClientWithToken({ tenantID });
      expect(await introspected(server, token)).toMatchObject({
        active: true,
        client_id: client.json['client_id'],
        aud: audience,
        scope: 'invoices.read',
        tenant_id: tenantID,
        roles: ['biller'],
      });
    }
  });

  it('is told nothing of a token for another audience of the same client', async () => {
    const { client } = await aClientWithToken({ audiences: [audience, another] });
    expect(await introspected(server, await tokenOf(client, another))).toEqual({ active: false });
    expect(await issuer.isActive(server, await tokenOf(client, audience))).toBe(true);
  });

  it('revokes nothing, and obtains nothing for the audience that it introspects', async () => {
    const { token } = await aClientWithToken();
    expect((await issuer.asClient('/revoke', server, { token })).json['error']).toBe('unauthorized_client');
    expect((await issuer.token(server, { resource: audience })).json['error']).toBe('invalid_target');
    expect(await issuer.isActive(server, token)).toBe(true);
  });

  it('sees that all tokens of a client were revoked', async () => {
    const { client, token } = await aClientWithToken();
    const { token: theirs } = await aClientWithToken();
    await issuer.manage('DELETE', client, undefined, '/tokens');
    expect(await introspected(server, token)).toEqual({ active: false });
    expect(await issuer.isActive(server, theirs)).toBe(true);
  });

  it('sees a client that is left with nothing as soon as its tokens are revoked, and its new ones once it is restored', async () => {
    const { client, token } = await aClientWithToken();
    const { client_id } = client.json;
    const withdrawn = aRegistration(
      { tenantID: 'withdrawn', audiences: [], roles: [] },
      { scope: undefined },
    );
    expect((await issuer.manage('PUT', client, { ...withdrawn, client_id })).status).toBe(200);
    expect(await issuer.isActive(server, token)).toBe(true);
    await issuer.manage('DELETE', client, undefined, '/tokens');
    expect(await issuer.isActive(server, token)).toBe(false);
    expect((await issuer.token(client, { resource: audience })).json['error']).toBe('invalid_target');
    await issuer.manage('PUT', client, { ...aRegistration(), client_id });
    expect(await issuer.isActive(server, await tokenOf(client))).toBe(true);
    expect(await issuer.isActive(server, token)).toBe(false);
  });

  it('sees that a client was deleted', async () => {
    const { client, token } = await aClientWithToken();
    await issuer.manage('DELETE', client);
    expect(await introspected(server, token)).toEqual({ active: false });
  });

  it('stays one when the issuer is restarted, and no longer when its registration leaves that out', async () => {
    const { token } = await aClientWithToken();
    const former = await issuer.register(aRegistration({ introspects: [audience, another] }));
    await issuer.restart();
    expect(await issuer.isActive(former, token)).toBe(true);
    const { client_id } = former.json;
    const less = { ...aRegistration({ introspects: [another] }), client_id };
    expect((await issuer.manage('PUT', former, less)).status).toBe(200);
    expect(await introspected(former, token)).toEqual({ active: false });
  });
});

describe('a client', () => {
  it('cannot make itself a resource server with its registration access token', async () => {
    const { client } = await aClientWithToken();
    const { token: theirs } = await aClientWithToken();
    const { client_id } = client.json;
    const more = await issuer.manage('PUT', client, {
      ...aRegistration({ introspects: [audience] }),
      client_id,
    });
    expect([more.status, more.json['error']]).toEqual([400, 'invalid_client_metadata']);
    expect(await introspected(client, theirs)).toEqual({ active: false });
  });

  it('has a token that is active when it asks for one in the second in which all of its tokens were revoked', async () => {
    const { client, token } = await aClientWithToken();
    for (let n = 0; n < 3; n++) {
      await issuer.manage('DELETE', client, undefined, '/tokens');
      expect(await issuer.isActive(server, await tokenOf(client))).toBe(true);
    }
    expect(await issuer.isActive(server, token)).toBe(false);
  });

  it('that is withdrawn in that second gets no token that outlives the revocation', async () => {
    const { client } = await aClientWithToken();
    const { client_id } = client.json;
    const withdrawn = { ...aRegistration({ audiences: [] }), client_id };
    await issuer.manage('DELETE', client, undefined, '/tokens');
    const asked = issuer.token(client, { resource: audience });
    await issuer.manage('PUT', client, withdrawn);
    await issuer.manage('DELETE', client, undefined, '/tokens');
    const { access_token: token = 'none' } = (await asked).json as { readonly access_token?: string };
    expect(await issuer.isActive(server, token)).toBe(false);
  });
});
