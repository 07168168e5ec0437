import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChosenSecret, DesiredClient } from '../../../src/domain/desired-client.ts';
import { audienceScope } from '../../../src/issuers/keycloak/scope-names.ts';
import { readPrivateKey } from '../../../src/issuers/private-key.ts';
import type { IssuerDriver } from '../../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import { ok } from '../../../src/std/result.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, aClient, grantFor, valueOf } from '../../contract/issuer-driver/data.ts';
import { type HttpsClient, httpsClient } from '../https-client.ts';
import { createRealm, type Realm } from '../realm.ts';
import { testKeycloak } from '../test-issuers.ts';
import { loginBySecret, realmDriver } from './realm-driver.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('a client of Grantor in a realm', () => {
  let realm: Realm;
  let driver: IssuerDriver;
  let plain: HttpsClient;
  beforeAll(async () => {
    plain = httpsClient(keycloak!.url, keycloak!.caFile);
    realm = await createRealm(keycloak!, { cluster: 'https://kubernetes.default.svc' });
    driver = realmDriver(keycloak!, realm);
  });
  afterAll(async () => {
    await Promise.all([realm?.remove(), driver?.close(), plain?.close()]);
  });

  const register = async (client: DesiredClient) => valueOf(await driver.register(client, aCall()));
  const differences = async (registered: RegisteredClient, client: DesiredClient) =>
    valueOf(await driver.compare(registered, client, aCall())).differences;
  const pathOf = ({ registrationClientURI = '' }: RegisteredClient) =>
    `/${realm.name}/clients/${registrationClientURI.split('/').at(-1)}`;
  /** What somebody else does to it, with all rights. */
  const meddle = (registered: RegisteredClient, json: object) =>
    realm.admin.send('PUT', pathOf(registered), { clientId: registered.clientID, ...json });
  const getsToken = async (client: RegisteredClient, more: Parameters<typeof grantFor>[1] = {}) =>
    (await driver.requestToken(grantFor(client, more), aCall())).ok;
  const scopeNamed = async (name: string) => {
    const { body } = await realm.admin.send('GET', `/${realm.name}/client-scopes`);
    return body.find((scope: { name: string }) => scope.name === name);
  };

  describe('that somebody else has changed', () => {
    test.each([
      ['full scope', { fullScopeAllowed: true }, 'fullScopeAllowed'],
      ['a password grant', { directAccessGrantsEnabled: true }, 'directAccessGrantsEnabled'],
      ['being disabled', { enabled: false }, 'enabled'],
      ['another lifetime', { attributes: { 'access.token.lifespan': '36000' } }, 'lifetime'],
      [
        'token exchange',
        { attributes: { 'standard.token.exchange.enabled': 'true' } },
        'standard.token.exchange.enabled',
      ],
      ['another way to log in', { clientAuthenticatorType: 'client-jwt' }, 'authentication'],
      [
        'a claim',
        {
          protocolMappers: [
            {
              name: 'tenant_id',
              protocol: 'openid-connect',
              protocolMapper: 'oidc-hardcoded-claim-mapper',
              config: { 'claim.name': 'tenant_id', 'claim.value': 'globex', 'access.token.claim': 'true' },
            },
          ],
        },
        'tenant_id',
      ],
    ])('is told to have %s, and gets its form back', async (_, change, word) => {
      const client = aClient();
      const registered = await register(client);
      await meddle(registered, change);
      expect(await differences(registered, client)).toContain(word);
      valueOf(await driver.update(registered, client, aCall()));
      expect(await differences(registered, client)).toEqual([]);
      expect(await getsToken(registered)).toBe(true);
    });

    test('gets no client scope that somebody gave it to keep', async () => {
      const client = aClient();
      const registered = await register(client);
      const { id: roles } = await scopeNamed('roles');
      const { id: profile } = await scopeNamed('profile');
      await realm.admin.send('PUT', `${pathOf(registered)}/default-client-scopes/${roles}`);
      await realm.admin.send('PUT', `${pathOf(registered)}/optional-client-scopes/${profile}`);
      expect(await differences(registered, client)).toEqual(['default client scope roles', 'scope']);
      valueOf(await driver.update(registered, client, aCall()));
      expect(await differences(registered, client)).toEqual([]);
    });

    test('is as it should be when only what is not ours was changed', async () => {
      const client = aClient();
      const registered = await register(client);
      await meddle(registered, {
        description: 'a note',
        baseUrl: 'https://app.example',
        attributes: { login_theme: 'ours', 'standard.token.exchange.enabled': 'false' },
      });
      expect(await differences(registered, client)).toEqual([]);
      valueOf(await driver.update(registered, client, aCall()));
      const { body } = await realm.admin.send('GET', pathOf(registered));
      expect(body).toMatchObject({ description: 'a note', attributes: { login_theme: 'ours' } });
    });
  });

  describe('with two secrets', () => {
    const secret = (revision: number): ChosenSecret => ({
      revision,
      value: new Secret(`a-made-up-secret-${revision}`),
    });
    const withSecrets = (client: DesiredClient, ...secrets: ChosenSecret[]): DesiredClient => ({
      ...client,
      authentication: { method: 'Secret', secrets },
    });
    const opens = (registered: RegisteredClient, { value }: ChosenSecret) =>
      getsToken(registered, { authentication: { method: 'Secret', clientSecret: value } });

    test('takes both until the older one is taken away, whatever else is updated meanwhile and however often', async () => {
      const client = aClient();
      const [one, two, three] = [secret(1), secret(2), secret(3)];
      const registered = await register(withSecrets(client, one));
      expect(registered.clientSecret).toBeUndefined();
      for (const more of [{}, {}, { roles: ['auditor'] }]) {
        valueOf(await driver.update(registered, withSecrets({ ...client, ...more }, two, one), aCall()));
        expect([await opens(registered, one), await opens(registered, two)]).toEqual([true, true]);
      }
      // An update that says nothing of secrets leaves both.
      valueOf(await driver.update(registered, withSecrets(client), aCall()));
      expect([await opens(registered, one), await opens(registered, two)]).toEqual([true, true]);
      expect(await differences(registered, withSecrets(client, two))).toEqual(['secret']);
      valueOf(await driver.update(registered, withSecrets(client, two), aCall()));
      expect([await opens(registered, one), await opens(registered, two)]).toEqual([false, true]);
      valueOf(await driver.update(registered, withSecrets(client, three, two), aCall()));
      expect(await Promise.all([one, two, three].map((each) => opens(registered, each)))).toEqual([
        false,
        true,
        true,
      ]);
      expect(await differences(registered, withSecrets(client, three, two))).toEqual([]);
    });
  });

  describe('of which the marks speak', () => {
    test('is found again by a restored cluster, and never by another cluster, tenant or person', async () => {
      const mark = (cluster: string, uid: string) => `grantor:${cluster}:acme:restored:${uid}`;
      const client = { ...aClient(), mark: mark('c1', 'old') };
      const first = await register(client);
      const again = await register({ ...client, mark: mark('c1', 'new') });
      expect(again.clientID).toBe(first.clientID);
      expect(await register({ ...client, mark: mark('c2', 'old') })).not.toMatchObject({
        clientID: first.clientID,
      });
      const globex = await driver.register(
        { ...client, mark: mark('c1', 'third'), tenantID: 'globex' },
        aCall(),
      );
      expect(globex).toMatchObject({
        ok: false,
        error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
      });
      for (const outcome of [
        await driver.update(first, client, aCall()),
        await driver.compare(first, client, aCall()),
        await driver.revokeAll(first, client.mark, aCall()),
      ])
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'notFound' } });
      expect(await driver.deregister(first, client.mark, aCall())).toMatchObject({ ok: true });
      expect(await getsToken(again)).toBe(true);
    });

    test('is never one by which the realm is administered', async () => {
      for (const adopts of [realm.bySecret.clientID, 'realm-management', 'admin-cli'])
        expect(await driver.register(aClient({ adopts }), aCall())).toMatchObject({
          ok: false,
          error: { kind: 'rejected', detail: expect.stringContaining('administration') },
        });
      const { body } = await realm.admin.send('GET', `/${realm.name}/clients?clientId=realm-management`);
      const roles = await realm.admin.send('GET', `/${realm.name}/clients/${body[0].id}/roles`);
      const [role] = roles.body;
      const adopts = 'another-operator';
      const client = aClient({ adopts });
      await realm.admin.send('POST', `/${realm.name}/clients`, { clientId: adopts });
      const found = await realm.admin.send('GET', `/${realm.name}/clients?clientId=${adopts}`);
      const mappings = `/${realm.name}/clients/${found.body[0].id}/scope-mappings/clients/${body[0].id}`;
      await realm.admin.send('POST', mappings, [role]);
      expect(await driver.register(client, aCall())).toMatchObject({
        ok: false,
        error: { kind: 'rejected', detail: expect.stringContaining('scope mappings') },
      });
    });

    test('is not made where its id is taken by hand', async () => {
      const client = { ...aClient(), mark: 'grantor:c1:acme:by-hand:uid' };
      const { clientID } = await register(client);
      await driver.deregister({ clientID }, client.mark, aCall());
      await realm.admin.send('POST', `/${realm.name}/clients`, { clientId: clientID });
      const outcome = await driver.register(client, aCall());
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
    });

    test('is found under another key, where its realm came from another server', async () => {
      const client = aClient();
      const first = await register(client);
      const { body } = await realm.admin.send('GET', pathOf(first));
      await realm.admin.send('DELETE', pathOf(first));
      const { id: _, ...moved } = body;
      await realm.admin.send('POST', `/${realm.name}/clients`, moved);
      const again = await register(client);
      expect(again.clientID).toBe(first.clientID);
      expect(again.registrationClientURI).not.toBe(first.registrationClientURI);
      expect(await differences(again, client)).toEqual([]);
      // By the registration of before as well.
      expect(await driver.deregister(first, client.mark, aCall())).toMatchObject({ ok: true });
      expect(await driver.compare(again, client, aCall())).toMatchObject({ error: { kind: 'notFound' } });
    });
  });

  test('is one of very many, and all are listed page by page', async () => {
    const wanted = Array.from({ length: 53 }, () => aClient());
    for (const client of wanted) await register(client);
    const marks: string[] = [];
    let page: string | undefined;
    let pages = 0;
    do {
      const { clients, next } = valueOf(await driver.list(page, aCall()));
      marks.push(...clients.map(({ mark }) => mark));
      page = next;
      pages += 1;
    } while (page !== undefined);
    expect(marks).toEqual(expect.arrayContaining(wanted.map(({ mark }) => mark)));
    expect(new Set(marks).size).toBe(marks.length);
    expect(pages).toBeGreaterThan(1);
  });

  describe('whose scopes', () => {
    test('are made where they are missing, and taken as they are where somebody has made them', async () => {
      await realm.admin.send('POST', `/${realm.name}/client-scopes`, {
        name: 'reports.read',
        protocol: 'openid-connect',
        description: "the realm's own",
      });
      const client = aClient({ scopes: ['reports.read', 'reports.write'] });
      const registered = await register(client);
      expect(await differences(registered, client)).toEqual([]);
      expect(await getsToken(registered, { scopes: ['reports.read', 'reports.write'] })).toBe(true);
      expect((await scopeNamed('reports.read')).description).toBe("the realm's own");
      expect((await scopeNamed('reports.write')).description).toMatch(/^Made by Grantor/);
      // By an update as well, for which Keycloak has to be told keys, not names.
      valueOf(await driver.update(registered, { ...client, scopes: ['reports.write'] }, aCall()));
      expect(await getsToken(registered, { scopes: ['reports.read'] })).toBe(false);
      valueOf(await driver.update(registered, client, aCall()));
      expect(await getsToken(registered, { scopes: ['reports.read'] })).toBe(true);
    });

    test('are made once, by however many clients that need them at the same time', async () => {
      const [scopes, audiences] = [['parallel.read'], ['https://parallel.example']];
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => driver.register(aClient({ scopes, audiences }), aCall())),
      );
      expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    });

    test('are never those that open an audience', async () => {
      const outcome = await driver.register(
        aClient({ scopes: [audienceScope('https://other.example')] }),
        aCall(),
      );
      expect(outcome).toMatchObject({
        ok: false,
        error: { kind: 'rejected', detail: expect.stringContaining("Grantor's own") },
      });
    });

    test('bring no audience but their own: one that was changed is refused', async () => {
      const changed = 'https://changed.example';
      await register(aClient({ audiences: [changed] }));
      const { id } = await scopeNamed(audienceScope(changed));
      await realm.admin.send('POST', `/${realm.name}/client-scopes/${id}/protocol-mappers/models`, {
        name: 'more',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-audience-mapper',
        config: { 'included.custom.audience': 'https://more.example', 'access.token.claim': 'true' },
      });
      const fresh = realmDriver(keycloak!, realm);
      const outcome = await fresh.register(aClient({ audiences: [changed] }), aCall());
      await fresh.close();
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
    });
  });

  test('has lost what it had once that was revoked, by the clock of Keycloak, and keeps what it gets later', async () => {
    const onlooker = { client_id: 'onlooker', client_secret: 'a-made-up-secret-of-an-onlooker' };
    await realm.admin.send('POST', `/${realm.name}/clients`, {
      clientId: onlooker.client_id,
      secret: onlooker.client_secret,
      attributes: { 'allow.token.introspection.without.audience.check': 'true' },
    });
    const client = aClient();
    const registered = await register(client);
    const token = async () => valueOf(await driver.requestToken(grantFor(registered), aCall())).token;
    const isActive = async (one: Secret): Promise<boolean> => {
      const { body } = await plain.expect(
        'POST',
        `/realms/${realm.name}/protocol/openid-connect/token/introspect`,
        { form: { ...onlooker, token: one.reveal() } },
      );
      return body.active;
    };
    const before = await token();
    expect(await isActive(before)).toBe(true);
    for (let n = 0; n < 2; n += 1)
      expect(await driver.revokeAll(registered, client.mark, aCall())).toMatchObject({ ok: true });
    expect(await isActive(before)).toBe(false);
    // An update does not bring it back.
    valueOf(await driver.update(registered, client, aCall()));
    expect(await isActive(before)).toBe(false);
    await expect.poll(async () => isActive(await token()), { timeout: 5000, interval: 200 }).toBe(true);
  });

  describe("that Grantor's own login may not manage", () => {
    test('is why a realm is not discovered: the client lacks a role, which is named', async () => {
      const id = 'without-roles';
      await realm.admin.send('POST', `/${realm.name}/clients`, {
        clientId: id,
        secret: 'a-made-up-secret-of-a-poor-client',
        serviceAccountsEnabled: true,
      });
      const poor = realmDriver(keycloak!, realm, {
        login: loginBySecret(id, 'a-made-up-secret-of-a-poor-client'),
      });
      expect(await poor.discover(aCall())).toMatchObject({
        ok: false,
        error: { kind: 'loginFailed', detail: expect.stringContaining('manage-clients') },
      });
      // And what cannot be read is not taken for gone.
      const client = aClient();
      const registered = await register(client);
      for (const outcome of [
        await poor.deregister(registered, client.mark, aCall()),
        await poor.compare(registered, client, aCall()),
        await poor.list(undefined, aCall()),
        await poor.register(client, aCall()),
      ])
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'loginFailed' } });
      await poor.close();
      expect(await getsToken(registered)).toBe(true);
    });

    test('is told apart from one whose credential is not accepted', async () => {
      const wrong = realmDriver(keycloak!, realm, {
        login: loginBySecret(realm.bySecret.clientID, 'a-made-up-secret-that-is-wrong'),
      });
      const outcome = await wrong.register(aClient(), aCall());
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'loginFailed', sent: false } });
      expect(await wrong.discover(aCall())).toMatchObject({ error: { kind: 'loginFailed' } });
      await wrong.close();
    });

    test('is managed by a key as well, whatever that is called there', async () => {
      const clientId = 'grantor-by-key';
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = {
        ...publicKey.export({ format: 'jwk' }),
        use: 'sig',
        alg: 'ES256',
        kid: 'called-so-there',
      };
      await realm.admin.send('POST', `/${realm.name}/clients`, {
        clientId,
        serviceAccountsEnabled: true,
        fullScopeAllowed: true,
        clientAuthenticatorType: 'client-jwt',
        attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys: [jwk] }) },
      });
      const find = async (id: string) =>
        (await realm.admin.send('GET', `/${realm.name}/clients?clientId=${id}`)).body[0].id;
      const [own, management] = [await find(clientId), await find('realm-management')];
      const { body: user } = await realm.admin.send(
        'GET',
        `/${realm.name}/clients/${own}/service-account-user`,
      );
      const { body: roles } = await realm.admin.send('GET', `/${realm.name}/clients/${management}/roles`);
      const needed = roles.filter(({ name }: { name: string }) => name === 'manage-clients');
      await realm.admin.send(
        'POST',
        `/${realm.name}/users/${user.id}/role-mappings/clients/${management}`,
        needed,
      );
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const key = readPrivateKey(new Secret(pem));
      if (key === undefined) throw new Error('not a key');
      const byKey = realmDriver(keycloak!, realm, {
        login: {
          clientID: clientId,
          authenticate: async () => ok({ method: 'PrivateKey', privateKey: key }),
        },
      });
      expect(await byKey.discover(aCall())).toMatchObject({ ok: true });
      expect(await byKey.register(aClient(), aCall())).toMatchObject({ ok: true });
      await byKey.close();
    });

    test('is managed again by a new login once the token of the old one is void', async () => {
      const client = aClient();
      const registered = await register(client);
      const { body } = await realm.admin.send(
        'GET',
        `/${realm.name}/clients?clientId=${realm.bySecret.clientID}`,
      );
      const notBefore = Math.floor(Date.now() / 1000) + 1;
      await realm.admin.send('PUT', `/${realm.name}/clients/${body[0].id}`, { ...body[0], notBefore });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await differences(registered, client)).toEqual([]);
    });
  });

  test.each([
    ['a public client', { method: 'Public' } as const],
    ['a client with a secret', { method: 'Secret', secrets: [] } as const],
  ])('is %s for the code of a user: at its own addresses alone, and with PKCE', async (_, authentication) => {
    const redirectURI = 'https://app.example/callback?from=login';
    const client = aClient({
      grantTypes: ['AuthorizationCode'],
      redirectURIs: [redirectURI],
      authentication,
    });
    const registered = await register(client);
    expect(await differences(registered, client)).toEqual([]);
    const ask = async (more: Readonly<Record<string, string>>) => {
      const parameters = { client_id: registered.clientID, response_type: 'code', scope: 'invoices.read' };
      const query = new URLSearchParams({ ...parameters, redirect_uri: redirectURI, ...more });
      return plain.send('GET', `/realms/${realm.name}/protocol/openid-connect/auth?${query.toString()}`);
    };
    const pkce = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' };
    expect((await ask(pkce)).status).toBe(200);
    for (const wrong of [{}, { ...pkce, code_challenge_method: 'plain' }]) {
      const { status, headers } = await ask(wrong);
      expect([status, headers['location']]).toEqual([302, expect.stringContaining('error=invalid_request')]);
    }
    for (const redirect_uri of ['https://app.example/other', 'https://app.example/callback?from=login&x=1'])
      expect((await ask({ ...pkce, redirect_uri })).status).toBe(400);
    // For itself it gets nothing.
    const form = {
      grant_type: 'client_credentials',
      client_id: registered.clientID,
      ...(registered.clientSecret ? { client_secret: registered.clientSecret.reveal() } : {}),
    };
    const path = `/realms/${realm.name}/protocol/openid-connect/token`;
    expect((await plain.send('POST', path, { form })).body.error).toBe('unauthorized_client');
  });

  test('can do what its metadata and its features say', async () => {
    const found = valueOf(await driver.discover(aCall()));
    for (const capability of [
      'ManageByMark',
      'List',
      'SecretOverlap',
      'BoundAssertions',
      'RevokeAll',
    ] as const)
      expect(found).toContain(capability);
  });
});
