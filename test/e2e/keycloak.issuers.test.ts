import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { audienceScope } from '../../src/issuers/keycloak/scope-names.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { minutes } from '../../src/std/duration.ts';
import { remember } from '../canary/remember.ts';
import { type HttpsClient, httpsClient } from '../issuers/https-client.ts';
import { createRealm, type Realm } from '../issuers/realm.ts';
import { startKeycloak } from '../issuers/start-keycloak.ts';
import { testKeycloak } from '../issuers/test-issuers.ts';
import { installAudience } from '../stage/audiences.ts';
import { applyManifests, type Manifest } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import {
  anIssuer,
  aSecret,
  aTenant,
  audience,
  aWorkload,
  scope,
  secretKind,
  serviceAccountKind,
} from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** On a machine with more to do. */
const soon = { timeout: 30_000, interval: 200 };

/** As docs/issuers.md has an administrator make it. */
const es256Key = {
  name: 'es256',
  providerId: 'ecdsa-generated',
  providerType: 'org.keycloak.keys.KeyProvider',
  config: { ecdsaEllipticCurveKey: ['P-256'], priority: ['100'] },
};

const caConfigMap = (ca: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'keycloak', namespace: 'grantor-system' },
  data: { 'ca.crt': ca },
});

describe.runIf(testKeycloak() !== undefined && onOwnControlPlane())('with a realm of Keycloak', () => {
  const stage = useStage();
  const see = look(stage);
  /** One of our own: it is stopped on the way. */
  let keycloak: Awaited<ReturnType<typeof startKeycloak>>;
  let realm: Realm;
  let client: HttpsClient;

  beforeAll(async () => {
    const { caFile, server } = stage.controlPlane;
    keycloak = await startKeycloak({ dir: join(stage.dir, 'keycloak'), report: () => {}, trusts: [caFile] });
    realm = await createRealm(keycloak, { cluster: server, grantor: controllerUser });
    await realm.admin.send('POST', `/${realm.name}/components`, es256Key);
    client = httpsClient(keycloak.url, keycloak.caFile);
    const ca = readFileSync(keycloak.caFile, 'utf8');
    remember(realm.bySecret.clientSecret);
    await installAudience(stage.kube, 'keycloak', realm.issuer);
    await applyManifests(stage.kube, [caConfigMap(ca), keycloakIssuer(), ...aTenant('kc')]);
    await see.until('issuer', 'main', 'True', { within: 30_000 });
  }, 120_000);
  afterAll(async () => {
    if (keycloak !== undefined) process.kill(keycloak.server.record.pid, 'SIGCONT');
    await client?.close();
    await realm?.remove();
    await keycloak?.stop();
  });

  const keycloakIssuer = (spec: object = {}, name = 'main'): Manifest =>
    anIssuer({
      name,
      url: realm.issuer,
      spec: {
        driver: { keycloak: { identityProvider: 'kubernetes' } },
        login: { federated: { clientID: realm.federated.clientID } },
        tls: { caBundleRef: { name: 'keycloak', key: 'ca.crt' } },
        limits: { timeout: '2s' },
        ...spec,
      },
    });
  const held = async (key: string) => {
    const id = await see.clientID(key);
    const { body } = await realm.admin.send('GET', `/${realm.name}/clients?clientId=${id}`);
    return body[0];
  };
  /** What a pod of this ServiceAccount gets when it asks Keycloak itself. */
  const alone = async (namespace: string, name: string) => {
    const account = await stage.kube.get(serviceAccountKind, { namespace, name });
    if (!account.ok) throw new Error(account.error.message);
    const { uid } = account.value.metadata;
    const wish = { uid, audiences: [realm.issuer], expiration: minutes(10) };
    const assertion = await stage.kube.requestToken({ namespace, name }, wish);
    if (!assertion.ok) throw new Error(assertion.error.message);
    const { status, body } = await client.send(
      'POST',
      `/realms/${realm.name}/protocol/openid-connect/token`,
      {
        form: {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion.value.token.reveal(),
          scope: `${scope} ${audienceScope(audience)}`,
        },
      },
    );
    remember(body.access_token);
    return status;
  };

  test('a workload gets one token after the other by nothing but its ServiceAccount, and no Secret of the cluster holds what a client logs in with', async () => {
    await applyManifests(stage.kube, [
      ...aWorkload('kc'),
      ...aWorkload('kc', 'turning', { client: { accessTokenLifetime: '20s' } }),
    ]);
    for (const name of ['api', 'turning'])
      await see.until('binding', `kc/${name}`, 'True', { within: 30_000 });
    const turning = async () => (await see.content('kc/turning-token'))?.['token'];
    const first = await turning();
    await expect.poll(turning, soon).not.toBe(first);
    expect(decodeJwt((await turning()) ?? '')).toMatchObject({ aud: audience, tenant_id: 'kc' });
    const { token = '' } = (await see.content('kc/api-token')) ?? {};
    expect(decodeJwt(token)).toMatchObject({
      iss: realm.issuer,
      aud: audience,
      scope,
      tenant_id: 'kc',
      roles: ['reader'],
      client_id: await see.clientID('kc/api'),
    });
    expect(await held('kc/api')).toMatchObject({ enabled: true, fullScopeAllowed: false });

    type AnySecret = KubeObject & {
      readonly type?: string;
      readonly data?: Readonly<Record<string, string>>;
    };
    const secrets = await see.list<AnySecret>(secretKind);
    // The stage's own issuer, which is another.
    const others = secrets.filter(({ metadata }) => metadata.name !== 'quickstart-issuer');
    expect(others.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['grantor.dev/registration', 'grantor.dev/token']),
    );
    const { secret = 'none of it' } = await held('kc/api');
    for (const { metadata, data = {} } of others) {
      for (const [key, value] of Object.entries(data)) {
        const where = `${key} of ${metadata.namespace}/${metadata.name}`;
        expect(key, where).not.toMatch(/secret|private|password|registration_access_token/);
        const text = Buffer.from(value, 'base64').toString('utf8');
        expect(text.includes(secret) || text.includes(realm.bySecret.clientSecret), where).toBe(false);
        expect(text, where).not.toMatch(/PRIVATE KEY|"d":/);
      }
    }
  });

  test('a workload gets its token by a key and by a secret as well; with its copy gone it keeps its client', async () => {
    const by = (how: object) => ({ client: { authentication: how } });
    await applyManifests(stage.kube, [
      ...aWorkload('kc', 'key', by({ privateKey: { secretRef: { name: 'key-credentials' } } })),
      ...aWorkload('kc', 'secret', by({ secret: { secretRef: { name: 'secret-credentials' } } })),
    ]);
    for (const name of ['key', 'secret']) {
      await see.until('binding', `kc/${name}`, 'True', { within: 30_000 });
      const before = await see.content(`kc/${name}-credentials`);
      await see.remove(secretKind, `kc/${name}-credentials`);
      await expect.poll(() => see.content(`kc/${name}-credentials`), soon).toEqual(before);
    }
    expect((await held('kc/secret')).clientAuthenticatorType).toBe('client-secret');
    expect((await held('kc/key')).clientAuthenticatorType).toBe('client-jwt');
  });

  test('regression 2: with its Secret in the way it is registered once, and has the same client when the way is free', async () => {
    const credentials = { privateKey: { secretRef: { name: 'taken' } } };
    const [account, oauthClient] = aWorkload('kc', 'blocked', { client: { authentication: credentials } });
    await applyManifests(stage.kube, [aSecret('kc', 'taken'), account!, oauthClient!]);
    await see.until('client', 'kc/blocked', 'False', { type: 'CredentialsReady', within: 30_000 });
    const id = await see.clientID('kc/blocked');
    await see.remove(secretKind, 'kc/taken');
    // Nobody watches what is not ours; whoever has freed the way says so.
    const [, touched] = aWorkload('kc', 'blocked', {
      client: { authentication: credentials, accessTokenLifetime: '5m' },
    });
    await applyManifests(stage.kube, [touched!]);
    await see.until('client', 'kc/blocked', 'True', { within: 30_000 });
    expect((await see.content('kc/taken'))?.['client_id']).toBe(id);
    const { body } = await realm.admin.send(
      'GET',
      `/${realm.name}/clients?clientId=grantor-kc-blocked-&search=true`,
    );
    expect(body).toHaveLength(1);
  });

  test('a tenant that is suspended gets nothing, be it by asking Keycloak itself, and afterwards has the same client again', async () => {
    const id = await see.clientID('kc/api');
    expect(await alone('kc', 'api')).toBe(200);
    const [, suspended] = aTenant('kc', { spec: { suspend: true } });
    await applyManifests(stage.kube, [suspended!]);
    await see.gone(secretKind, 'kc/api-token', 30_000);
    await expect.poll(() => alone('kc', 'api'), soon).toBe(401);
    await expect.poll(async () => (await held('kc/api')).notBefore, soon).toBeGreaterThan(0);
    expect(await held('kc/api')).toMatchObject({ enabled: false });
    expect((await held('kc/api')).attributes).not.toHaveProperty('jwt.credential.sub');
    const [, resumed] = aTenant('kc');
    await applyManifests(stage.kube, [resumed!]);
    await see.until('binding', 'kc/api', 'True', { within: 30_000 });
    expect(await see.clientID('kc/api')).toBe(id);
    expect(await alone('kc', 'api')).toBe(200);
  });

  test('regressions 1 and 6: what is changed and deleted while Keycloak is away is told, and done when it is back', async () => {
    await applyManifests(stage.kube, aWorkload('kc', 'leaving'));
    await see.until('binding', 'kc/leaving', 'True', { within: 30_000 });
    const [id, { pid }] = [await see.clientID('kc/leaving'), keycloak.server.record];
    process.kill(pid, 'SIGSTOP');
    try {
      const [, changed] = aWorkload('kc', 'api', { client: { accessTokenLifetime: '5m' } });
      await applyManifests(stage.kube, [changed!]);
      await see.remove(oauthClientKind, 'kc/leaving');
      await see.until('client', 'kc/api', 'False IssuerUnavailable', { within: 30_000 });
      await see.until('client', 'kc/leaving', /^False .*(Unavailable|Deregist|Deletion)/, { within: 30_000 });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await see.gone(oauthClientKind, 'kc/leaving', 60_000);
    await see.until('client', 'kc/api', 'True', { within: 60_000 });
    expect((await held('kc/api')).attributes['access.token.lifespan']).toBe('300');
    const { body } = await realm.admin.send('GET', `/${realm.name}/clients?clientId=${id}`);
    expect(body).toEqual([]);
  });

  test('a login that is refused, or that lacks its role, is told at the OAuthIssuer, and mended there', async () => {
    const { body: own } = await realm.admin.send(
      'GET',
      `/${realm.name}/clients?clientId=${realm.federated.clientID}`,
    );
    const { body: user } = await realm.admin.send(
      'GET',
      `/${realm.name}/clients/${own[0].id}/service-account-user`,
    );
    const { body: management } = await realm.admin.send(
      'GET',
      `/${realm.name}/clients?clientId=realm-management`,
    );
    const roles = `/${realm.name}/users/${user.id}/role-mappings/clients/${management[0].id}`;
    const { body: given } = await realm.admin.send('GET', roles);
    await realm.admin.send('DELETE', roles, given);
    // Another form of the issuer is discovered anew, by a driver of its own.
    await applyManifests(stage.kube, [keycloakIssuer({ limits: { timeout: '3s' } })]);
    expect(await see.until('issuer', 'main', 'False IssuerLoginFailed', { within: 30_000 })).toMatch(
      /manage-clients/,
    );
    await realm.admin.send('POST', roles, given);
    await applyManifests(stage.kube, [keycloakIssuer({ login: { federated: { clientID: 'nobody' } } })]);
    expect(await see.until('issuer', 'main', 'False IssuerLoginFailed', { within: 30_000 })).toMatch(
      /own login/,
    );
    const elsewhere = { driver: { keycloak: { identityProvider: 'another' } } };
    await applyManifests(stage.kube, [keycloakIssuer(elsewhere)]);
    expect(await see.until('issuer', 'main', 'False IssuerLoginFailed', { within: 30_000 })).toMatch(
      /identity provider kubernetes/,
    );
    await applyManifests(stage.kube, [keycloakIssuer()]);
    await see.until('issuer', 'main', 'True', { within: 30_000 });
  });

  test('Grantor logs in by a secret of its own namespace as well', async () => {
    const { clientID, clientSecret } = realm.bySecret;
    await applyManifests(stage.kube, [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'keycloak-login', namespace: 'grantor-system' },
        data: { secret: Buffer.from(clientSecret).toString('base64') },
      },
      keycloakIssuer({
        login: { clientSecret: { clientID, secretKeyRef: { name: 'keycloak-login', key: 'secret' } } },
      }),
    ]);
    await see.until('issuer', 'main', 'True', { within: 30_000 });
  });
});
