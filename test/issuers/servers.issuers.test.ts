import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../cluster/api.ts';
import { testControlPlane } from '../cluster/test-cluster.ts';
import { type HttpsClient, httpsClient } from './https-client.ts';
import { createRealm, type Realm } from './realm.ts';
import type { Hydra } from './start-hydra.ts';
import { hydraIsThere, startTestHydra, testKeycloak } from './test-issuers.ts';

const controlPlane = testControlPlane();
const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined || controlPlane === undefined)('the Keycloak of a run', () => {
  let realm: Realm;
  let client: HttpsClient;
  let api: Api;
  beforeAll(async () => {
    realm = await createRealm(keycloak!, { cluster: controlPlane!.server });
    client = httpsClient(keycloak!.url, keycloak!.caFile);
    api = openApi(controlPlane!.adminKubeconfig);
  });
  afterAll(async () => {
    await Promise.all([realm?.remove(), client?.close(), api?.close()]);
  });

  const logIn = (form: Readonly<Record<string, string>>) =>
    client.send('POST', `/realms/${realm.name}/protocol/openid-connect/token`, {
      form: { grant_type: 'client_credentials', ...form },
    });
  const clients = async (bearer: string) =>
    (await client.send('GET', `/admin/realms/${realm.name}/clients`, { bearer })).status;

  test('names itself as it is asked', async () => {
    const { body } = await client.expect('GET', `/realms/${realm.name}/.well-known/openid-configuration`);
    expect(body.issuer).toBe(realm.issuer);
  });

  test("takes the token of Grantor's ServiceAccount, as the API server signs it, and no secret", async () => {
    const [, , namespace = '', name = ''] = realm.federated.subject.split(':');
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await api.send('POST', accounts, { metadata: { name } });
    const { body } = await api.send('POST', `${accounts}/${name}/token`, {
      spec: { audiences: [realm.issuer], expirationSeconds: 600 },
    });
    const answer = await logIn({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: body.status.token,
    });
    expect(answer.status).toBe(200);
    expect(await clients(answer.body.access_token)).toBe(200);
  });

  test('takes the secret of the other login, whose rights end at its realm', async () => {
    const { clientID, clientSecret } = realm.bySecret;
    const { body } = await logIn({ client_id: clientID, client_secret: clientSecret });
    expect(await clients(body.access_token)).toBe(200);
    const elsewhere = { bearer: body.access_token };
    expect((await client.send('GET', '/admin/realms/master/clients', elsewhere)).status).toBe(403);
  });
});

describe.skipIf(!hydraIsThere())('the Hydra of a test file', () => {
  let hydra: Hydra & { stop(): Promise<void> };
  beforeAll(async () => {
    hydra = await startTestHydra();
  });
  afterAll(() => hydra?.stop());

  test('names itself as it is asked, and has no clients', async () => {
    const [client, admin] = [httpsClient(hydra.url, hydra.caFile), httpsClient(hydra.adminUrl, hydra.caFile)];
    const { body } = await client.expect('GET', '/.well-known/openid-configuration');
    expect(body.issuer).toBe(hydra.url);
    expect((await admin.expect('GET', '/admin/clients')).body).toEqual([]);
    expect((await admin.expect('GET', '/version')).body.version).toMatch(/^v\d/);
    await Promise.all([client.close(), admin.close()]);
  });
});
