import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audienceScope } from '../../../src/issuers/keycloak/scope-names.ts';
import type { IssuerDriver } from '../../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import { type Api, openApi } from '../../cluster/api.ts';
import { testControlPlane } from '../../cluster/test-cluster.ts';
import { aCall, aClient, audience, valueOf } from '../../contract/issuer-driver/data.ts';
import { type HttpsClient, httpsClient } from '../https-client.ts';
import { createRealm, type Realm } from '../realm.ts';
import { testKeycloak } from '../test-issuers.ts';
import { realmDriver } from './realm-driver.ts';

const controlPlane = testControlPlane();
const keycloak = testKeycloak();
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.skipIf(keycloak === undefined || controlPlane === undefined)(
  'a pod that talks to Keycloak by itself',
  () => {
    let realm: Realm;
    let driver: IssuerDriver;
    let client: HttpsClient;
    let api: Api;
    let ours: RegisteredClient;
    const namespace = 'ceiling';
    const otherAudience = 'https://other.example';

    beforeAll(async () => {
      realm = await createRealm(keycloak!, { cluster: controlPlane!.server });
      driver = realmDriver(keycloak!, realm);
      client = httpsClient(keycloak!.url, keycloak!.caFile);
      api = openApi(controlPlane!.adminKubeconfig);
      await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
      for (const name of ['ours', 'theirs', 'nobody'])
        await api.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
      ours = valueOf(await driver.register(federated('ours'), aCall()));
      valueOf(
        await driver.register(
          { ...federated('theirs'), audiences: [otherAudience], scopes: ['admin'] },
          aCall(),
        ),
      );
    });
    afterAll(async () => {
      await Promise.all([realm?.remove(), driver?.close(), client?.close(), api?.close()]);
    });

    const federated = (name: string) =>
      aClient({
        authentication: {
          method: 'Federated',
          by: 'ClientAssertion',
          workload: {
            issuer: controlPlane!.server,
            subject: `system:serviceaccount:${namespace}:${name}`,
            uid: 'whichever',
          },
        },
      });
    const assertionOf = async (name: string, aud = realm.issuer): Promise<string> => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      const { body } = await api.send('POST', path, { spec: { audiences: [aud], expirationSeconds: 600 } });
      return body.status.token;
    };
    const ask = async (more: Readonly<Record<string, string>>, name = 'ours') =>
      client.send('POST', `/realms/${realm.name}/protocol/openid-connect/token`, {
        form: {
          grant_type: 'client_credentials',
          client_assertion_type: assertionType,
          client_assertion: await assertionOf(name),
          ...more,
        },
      });
    const claimsOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

    test('gets what its client is registered for', async () => {
      const { status, body } = await ask({ scope: `invoices.read ${audienceScope(audience)}` });
      expect(status).toBe(200);
      const claims = claimsOf(body.access_token);
      expect(claims).toMatchObject({
        aud: audience,
        scope: 'invoices.read',
        tenant_id: 'acme',
        roles: ['biller'],
        azp: ours.clientID,
        client_id: ours.clientID,
        sub: expect.any(String),
      });
      expect(Number(claims['exp']) - Number(claims['iat'])).toBe(600);
      const [header = ''] = body.access_token.split('.');
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
        alg: 'ES256',
        typ: 'at+jwt',
      });
    });

    test('gets a token for nobody when it asks for nothing, with its tenant and without a role of the realm', async () => {
      const { body } = await ask({});
      const claims = claimsOf(body.access_token);
      expect(claims).toMatchObject({ scope: '', tenant_id: 'acme', roles: ['biller'] });
      for (const claim of ['aud', 'realm_access', 'resource_access', 'preferred_username', 'email', 'groups'])
        expect(claims).not.toHaveProperty(claim);
    });

    test.each([
      ["another client's scope", () => 'admin'],
      ["another client's audience", () => audienceScope(otherAudience)],
      ['roles of the realm', () => 'roles'],
      ['the scopes of every client by default', () => 'profile'],
      ['a token that never ends', () => 'offline_access'],
      ['an audience that nobody has', () => audienceScope('https://nobody.example')],
      ['a scope beside those it has', () => `invoices.read ${audienceScope(audience)} admin`],
    ])('does not get %s', async (_, scope) => {
      expect(await ask({ scope: scope() })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    });

    test.each([
      ['audience', { audience: otherAudience }],
      ['resource', { resource: otherAudience }],
    ])('does not get another audience by the parameter %s', async (_, parameter) => {
      const { status, body } = await ask({ scope: audienceScope(audience), ...parameter });
      if (status === 200) expect(claimsOf(body.access_token)['aud']).toBe(audience);
      else expect(body.error).toBe('invalid_target');
    });

    test('gets no id of a user, and nothing of one, by openid', async () => {
      const { body } = await ask({ scope: 'openid' });
      const answer = await client.send('GET', `/realms/${realm.name}/protocol/openid-connect/userinfo`, {
        bearer: body.access_token,
      });
      expect(Object.keys(answer.body)).toEqual(['sub']);
    });

    test('does not get in with the token of another ServiceAccount, nor with one for another audience', async () => {
      const client_id = ours.clientID;
      expect((await ask({ client_id }, 'theirs')).status).toBeOneOf([400, 401]);
      expect(await ask({}, 'nobody')).toMatchObject({ status: 401 });
      const forOthers = await assertionOf('ours', otherAudience);
      expect(await ask({ client_assertion: forOthers })).toMatchObject({
        status: 400,
        body: { error: 'invalid_client' },
      });
    });

    test.each([
      ['the password of a user', { grant_type: 'password', username: 'somebody', password: 'guessed' }],
      ['a refresh', { grant_type: 'refresh_token', refresh_token: 'guessed' }],
      ['a code', { grant_type: 'authorization_code', code: 'guessed', redirect_uri: 'https://app.example' }],
    ])('does not get a token by %s', async (_, grant) => {
      const { status } = await ask(grant);
      expect(status).toBeGreaterThanOrEqual(400);
    });

    test('does not get a token for another client out of its own', async () => {
      const { body } = await ask({ scope: audienceScope(audience) });
      const exchange = await ask({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: body.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        audience: 'realm-management',
      });
      expect(exchange.status).toBeGreaterThanOrEqual(400);
      const permission = await ask({
        grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket',
        audience: 'realm-management',
      });
      expect(permission.status).toBeGreaterThanOrEqual(400);
    });

    test('cannot administer the realm, be it with every scope it has', async () => {
      const { body } = await ask({ scope: `invoices.read invoices.write ${audienceScope(audience)}` });
      const bearer = body.access_token;
      for (const path of ['', '/clients', '/users', '/client-scopes'])
        expect((await client.send('GET', `/admin/realms/${realm.name}${path}`, { bearer })).status).toBe(403);
      const made = await client.send('POST', `/realms/${realm.name}/clients-registrations/default`, {
        bearer,
        json: { clientId: 'mine' },
      });
      expect(made.status).toBe(403);
      const account = await client.send('GET', `/realms/${realm.name}/account`, { bearer });
      expect(account.status).toBeOneOf([401, 403, 404]);
    });

    test('gets nothing more once its client is withdrawn, which gives up the ServiceAccount for the next', async () => {
      const wanted = federated('nobody');
      const first = valueOf(await driver.register(wanted, aCall()));
      expect(await ask({ scope: audienceScope(audience) }, 'nobody')).toMatchObject({ status: 200 });
      const nothing = { scopes: [], audiences: [], roles: [], tenantID: 'withdrawn' };
      valueOf(await driver.update(first, { ...wanted, ...nothing }, aCall()));
      expect(await ask({}, 'nobody')).toMatchObject({ status: 401 });
      const second = valueOf(await driver.register(federated('nobody'), aCall()));
      const { body } = await ask({ scope: audienceScope(audience) }, 'nobody');
      expect(claimsOf(body.access_token)['azp']).toBe(second.clientID);
    });
  },
);
