import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredClient } from '../../src/domain/desired-client.ts';
import { withdrawnClient } from '../../src/domain/desired-client.ts';
import { generateKeyPair } from '../../src/issuance/key-pair.ts';
import { createHydraDriver } from '../../src/issuers/hydra/hydra-driver.ts';
import type { ClientAuthentication, IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { aCall, aClient, audience, grantFor, valueOf } from '../contract/issuer-driver/data.ts';
import { type HttpsClient, httpsClient } from './https-client.ts';
import type { Hydra } from './start-hydra.ts';
import { hydraIsThere, startTestHydra } from './test-issuers.ts';

describe.skipIf(!hydraIsThere())('clients at a real Hydra', () => {
  let hydra: Hydra & { stop(): Promise<void> };
  let admin: HttpsClient;
  let driver: IssuerDriver;
  beforeAll(async () => {
    hydra = await startTestHydra();
    admin = httpsClient(hydra.adminUrl, hydra.caFile);
    driver = createHydraDriver({
      issuer: hydra.url,
      adminURL: hydra.adminUrl,
      tokenHook: ['TenantClaims'],
      caBundle: readFileSync(hydra.caFile, 'utf8'),
      limits: { requestsPerSecond: 1000, burst: 1000, concurrency: 8, timeout: seconds(5) },
      clock: systemClock,
      rng: systemRng,
    });
  });
  afterAll(async () => {
    await driver?.close();
    await admin?.close();
    await hydra?.stop();
  });

  const chosen = (value: string, revision = 1): DesiredClient['authentication'] => ({
    method: 'Secret',
    secrets: [{ revision, value: new Secret(value) }],
  });
  const bySecret = (value: string): ClientAuthentication => ({
    method: 'Secret',
    clientSecret: new Secret(value),
  });
  const registered = async (client: DesiredClient) => valueOf(await driver.register(client, aCall()));
  const raw = async (clientID: string) => (await admin.expect('GET', `/admin/clients/${clientID}`)).body;

  test('has what the admin API has, what its token hook is said to do, and no federation without a cluster', async () => {
    const found = valueOf(await driver.discover(aCall()));
    for (const can of [
      'IdempotentRegister',
      'ManageByMark',
      'List',
      'ChooseSecret',
      'RevokeAll',
      'TenantClaims',
    ] as const)
      expect(found).toContain(can);
    for (const cannot of ['FederatedAuthentication', 'BoundAssertions', 'SecretOverlap', 'DPoP'] as const)
      expect(found).not.toContain(cannot);
  });

  test('get tokens with the secret that was chosen, for their audience and as long as they may live', async () => {
    const wanted = aClient({
      authentication: chosen('a-chosen-secret-of-hydra'),
      accessTokenLifetime: minutes(7),
    });
    const client = await registered(wanted);
    const login = { authentication: bySecret('a-chosen-secret-of-hydra') };
    const { claims } = valueOf(await driver.requestToken(grantFor(client, login), aCall()));
    expect(claims).toMatchObject({ client_id: client.clientID, aud: [audience], scp: ['invoices.read'] });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(420);
    for (const more of [{ scopes: ['admin'] }, { audience: 'https://other.example' }])
      expect(await driver.requestToken(grantFor(client, { ...login, ...more }), aCall())).toMatchObject({
        ok: false,
        error: { kind: 'rejected' },
      });
    const wrong = { authentication: bySecret('not-the-secret') };
    expect(await driver.requestToken(grantFor(client, wrong), aCall())).toMatchObject({
      ok: false,
      error: { kind: 'unauthorized' },
    });
    expect(await driver.compare(client, wanted, aCall())).toEqual({ ok: true, value: { differences: [] } });
  });

  test('log in with one key or the other while one is replaced', async () => {
    const [next, last, other] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
    const wanted = aClient({
      authentication: { method: 'PrivateKey', publicKeys: [next.publicKey, last.publicKey] },
    });
    const client = await registered(wanted);
    const by = ({ privateKey }: typeof next) =>
      driver.requestToken(
        grantFor(client, { authentication: { method: 'PrivateKey', privateKey } }),
        aCall(),
      );
    expect(await by(next)).toMatchObject({ ok: true });
    expect(await by(last)).toMatchObject({ ok: true });
    expect(await by(other)).toMatchObject({ ok: false });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ value: { differences: [] } });
    valueOf(
      await driver.update(
        client,
        { ...wanted, authentication: { method: 'PrivateKey', publicKeys: [next.publicKey] } },
        aCall(),
      ),
    );
    expect(await by(next)).toMatchObject({ ok: true });
    expect(await by(last)).toMatchObject({ ok: false });
    const { token } = valueOf(await by(next));
    const authentication = { method: 'PrivateKey', privateKey: next.privateKey } as const;
    expect(await driver.revoke(token, { clientID: client.clientID, authentication }, aCall())).toMatchObject({
      ok: true,
    });
  });

  test('of a known mark are the same client, also after a restoration; those of others are left alone', async () => {
    const wanted = aClient({ authentication: chosen('first-secret-of-hydra') });
    const { clientID } = await registered(wanted);
    expect((await registered({ ...wanted, scopes: ['invoices.audit'] })).clientID).toBe(clientID);
    expect(await raw(clientID)).toMatchObject({ scope: 'invoices.audit' });

    const restored = { ...wanted, mark: wanted.mark.replace(/[^:]+$/, 'uid-after-restoration') };
    expect((await registered(restored)).clientID).toBe(clientID);
    // What the former object still asks for concerns a client that is not its own any more.
    expect(await driver.update({ clientID }, wanted, aCall())).toMatchObject({ error: { kind: 'notFound' } });
    expect(await driver.deregister({ clientID }, wanted.mark, aCall())).toMatchObject({ ok: true });
    expect(await raw(clientID)).toMatchObject({ metadata: { grantor: { mark: restored.mark } } });

    const ofOtherTenant = { ...wanted, tenantID: 'globex' };
    expect(await driver.register(ofOtherTenant, aCall())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
    });
    const foreign = aClient();
    const theirs = await registered(foreign);
    await admin.send('PUT', `/admin/clients/${theirs.clientID}`, {
      json: { client_id: theirs.clientID, metadata: {} },
    });
    expect(await driver.register(foreign, aCall())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
    });
  });

  test('that are withdrawn get no token at all, and come back under their id with the secret they had', async () => {
    const wanted = aClient({ authentication: chosen('a-secret-that-stays') });
    const client = await registered(wanted);
    const login = { authentication: bySecret('a-secret-that-stays') };
    const { token } = valueOf(await driver.requestToken(grantFor(client, login), aCall()));
    const nothing: DesiredClient = {
      ...withdrawnClient(wanted),
      authentication: { method: 'Secret', secrets: [] },
    };
    valueOf(await driver.update(client, nothing, aCall()));
    for (const scopes of [['invoices.read'], [], ['openid'], ['offline']])
      expect(await driver.requestToken(grantFor(client, { ...login, scopes }), aCall())).toMatchObject({
        ok: false,
        error: { kind: 'rejected' },
      });
    const isActive = async () =>
      (await admin.send('POST', '/admin/oauth2/introspect', { form: { token: token.reveal() } })).body.active;
    expect(await isActive()).toBe(true);
    expect(await driver.revokeAll(client, wanted.mark, aCall())).toMatchObject({ ok: true });
    expect(await isActive()).toBe(false);
    const back: DesiredClient = { ...wanted, authentication: { method: 'Secret', secrets: [] } };
    expect(valueOf(await driver.update(client, back, aCall())).clientID).toBe(client.clientID);
    expect(await driver.requestToken(grantFor(client, login), aCall())).toMatchObject({ ok: true });
  });

  test('without scopes get none of those that Hydra gives by default', async () => {
    const wanted = aClient({ scopes: [], authentication: chosen('a-secret-without-scopes') });
    const client = await registered(wanted);
    const login = { authentication: bySecret('a-secret-without-scopes') };
    expect(
      await driver.requestToken(grantFor(client, { ...login, scopes: ['openid'] }), aCall()),
    ).toMatchObject({
      ok: false,
      error: { oauthError: 'invalid_scope' },
    });
    expect(await driver.requestToken(grantFor(client, { ...login, scopes: [] }), aCall())).toMatchObject({
      ok: true,
    });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ value: { differences: [] } });
  });

  test('keep what others wrote to them, and differ only in what is ours', async () => {
    const wanted = aClient({ authentication: chosen('a-secret-amid-others') });
    const client = await registered(wanted);
    const found = await raw(client.clientID);
    const theirs = { ...found, contacts: ['owner@acme.example'], tos_uri: 'https://acme.example/tos' };
    theirs.metadata = { ...found.metadata, team: 'billing' };
    await admin.expect('PUT', `/admin/clients/${client.clientID}`, { json: theirs });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ value: { differences: [] } });
    valueOf(await driver.update(client, { ...wanted, roles: ['auditor'] }, aCall()));
    expect(await raw(client.clientID)).toMatchObject({
      contacts: ['owner@acme.example'],
      tos_uri: 'https://acme.example/tos',
      metadata: { team: 'billing', grantor: { roles: ['auditor'] } },
    });
  });

  test.each([
    ['scope', { scopes: ['invoices.audit'] }],
    ['roles', { roles: [] }],
    ['audiences', { audiences: ['https://other.example'] }],
    ['lifetime', { accessTokenLifetime: minutes(3) }],
    ['tenant', { tenantID: 'globex' }],
  ])('differ in their %s where that is other', async (respect, other) => {
    const wanted = aClient();
    const client = await registered(wanted);
    expect(await driver.compare(client, { ...wanted, ...other }, aCall())).toEqual({
      ok: true,
      value: { differences: [respect] },
    });
  });

  test('with redirect URIs may ask for codes', async () => {
    const redirectURIs = ['https://app.acme.example/callback', 'http://127.0.0.1:8000/callback'];
    const wanted = aClient({ grantTypes: ['AuthorizationCode'], redirectURIs });
    const client = await registered(wanted);
    expect(await raw(client.clientID)).toMatchObject({
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: redirectURIs,
    });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ value: { differences: [] } });
  });

  test('regression 7: a client that is gone is deleted', async () => {
    const wanted = aClient();
    const client = await registered(wanted);
    for (let n = 0; n < 2; n += 1)
      expect(await driver.deregister(client, wanted.mark, aCall())).toMatchObject({ ok: true });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ error: { kind: 'notFound' } });
  });

  test('regression 4: of 1,001 clients all are listed that bear a mark, and the right one is deleted', async () => {
    const all = Array.from({ length: 1001 }, () => aClient());
    const queue = all.map((client) => ({ client }));
    const work = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) await registered(next.client);
    };
    await Promise.all(Array.from({ length: 4 }, work));
    const [victim] = all;
    const { clientID } = await registered(victim!);
    expect(await driver.deregister({ clientID }, victim!.mark, aCall())).toMatchObject({ ok: true });
    const marks = new Set<string>();
    let page: string | undefined;
    do {
      const listed = valueOf(await driver.list(page, aCall()));
      for (const { mark } of listed.clients) marks.add(mark);
      page = listed.next;
    } while (page !== undefined);
    expect(marks.has(victim!.mark)).toBe(false);
    expect(all.filter(({ mark }) => !marks.has(mark))).toEqual([victim]);
  }, 60_000);
});
