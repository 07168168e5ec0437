import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DesiredClient, type Workload, withdrawnClient } from '../../src/domain/desired-client.ts';
import type { TokenHook } from '../../src/issuers/hydra/capabilities.ts';
import { createHydraDriver } from '../../src/issuers/hydra/hydra-driver.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../src/ports/issuer-failure.ts';
import type { RegisteredClient } from '../../src/ports/registered-client.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import type { Result } from '../../src/std/result.ts';
import { systemRng } from '../../src/std/rng.ts';
import type { Secret } from '../../src/std/secret.ts';
import { aCall, aClient, audience, aWorkload, grantFor, valueOf } from '../contract/issuer-driver/data.ts';
import { type HttpsClient, httpsClient } from './https-client.ts';
import { aSigningCluster, type SigningCluster } from './signing-cluster.ts';
import type { Hydra } from './start-hydra.ts';
import { hydraIsThere, startTestHydra } from './test-issuers.ts';

const rows = '/admin/trust/grants/jwt-bearer/issuers';

describe.skipIf(!hydraIsThere())("the trust of a real Hydra in a cluster's keys", () => {
  let hydra: Hydra & { stop(): Promise<void> };
  let admin: HttpsClient;
  let open: HttpsClient;
  const drivers: IssuerDriver[] = [];
  beforeAll(async () => {
    hydra = await startTestHydra();
    admin = httpsClient(hydra.adminUrl, hydra.caFile);
    open = httpsClient(hydra.url, hydra.caFile);
  });
  afterAll(async () => {
    await Promise.all([...drivers, admin, open].map((one) => one?.close()));
    await hydra?.stop();
  });

  const driverFor = (cluster: SigningCluster, tokenHook: TokenHook = []): IssuerDriver => {
    const driver = createHydraDriver({
      issuer: hydra.url,
      adminURL: hydra.adminUrl,
      tokenHook,
      cluster,
      caBundle: readFileSync(hydra.caFile, 'utf8'),
      limits: { requestsPerSecond: 1000, burst: 1000, concurrency: 8, timeout: seconds(5) },
      clock: systemClock,
      rng: systemRng,
    });
    drivers.push(driver);
    return driver;
  };

  interface Federated {
    readonly wanted: DesiredClient;
    readonly workload: Workload;
    readonly client: RegisteredClient;
  }
  const federated = (cluster: SigningCluster, change: Partial<DesiredClient> = {}) => {
    const workload = aWorkload(cluster.issuer);
    const wanted = aClient({
      roles: [],
      authentication: { method: 'Federated', by: 'JWTBearer', workload },
      ...change,
    });
    // As the domain marks the clients of this cluster.
    return {
      workload,
      wanted: { ...wanted, mark: wanted.mark.replace(/^grantor:[^:]+/, `grantor:${cluster.id}`) },
    };
  };
  const register = async (driver: IssuerDriver, cluster: SigningCluster): Promise<Federated> => {
    const one = federated(cluster);
    return { ...one, client: valueOf(await driver.register(one.wanted, aCall())) };
  };
  const proof = async (cluster: SigningCluster, { workload }: Federated, keyID?: string) =>
    cluster.token(workload, `${hydra.url}/oauth2/token`, keyID);
  const grantOf = (one: Federated, assertion: Secret) =>
    grantFor(one.client, { authentication: { method: 'Federated', by: 'JWTBearer', assertion } });

  /** As Grantor asks: a Hydra on SQLite answers 500 now and then where several ask at once, which says nothing of trust. */
  const again = async <T>(ask: () => Promise<Result<T, IssuerFailure>>) => {
    let outcome = await ask();
    for (let n = 0; n < 5 && !outcome.ok && outcome.error.kind === 'unavailable'; n += 1)
      outcome = await ask();
    return outcome;
  };

  /** Asks for a token of each, all at the same time; a single refusal throws. */
  const atOnce = async (driver: IssuerDriver, cluster: SigningCluster, all: readonly Federated[]) => {
    const tokens = all.map((one) =>
      again(async () => driver.requestToken(grantOf(one, await proof(cluster, one)), aCall())),
    );
    for (const token of await Promise.all(tokens)) valueOf(token);
  };

  /** As a workload asks that does not know of Grantor. */
  const ask = async (clientID: string, assertion: Secret, scope = 'invoices.read') =>
    open.send('POST', '/oauth2/token', {
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id: clientID,
        assertion: assertion.reveal(),
        scope,
        audience,
      },
    });
  const rowsOf = async (cluster: SigningCluster): Promise<{ subject: string; key: string; id: string }[]> => {
    const query = new URLSearchParams({ issuer: cluster.issuer, page_size: '500' });
    const { body } = await admin.expect('GET', `${rows}?${query.toString()}`);
    return body.map(({ subject, public_key: key, id }: never) => ({
      subject,
      key: (key as { kid: string }).kid,
      id,
    }));
  };

  test('lets a workload log in with nothing but its ServiceAccount token, once for each', async () => {
    const cluster = await aSigningCluster('once');
    const driver = driverFor(cluster);
    const one = await register(driver, cluster);
    expect(valueOf(await driver.discover(aCall()))).toContain('FederatedAuthentication');
    const assertion = await proof(cluster, one);
    const { claims, token } = valueOf(await driver.requestToken(grantOf(one, assertion), aCall()));
    expect(claims).toMatchObject({ sub: one.workload.subject, client_id: one.client.clientID });
    // Hydra adds the audience of the assertion.
    expect(claims['aud']).toEqual([`${hydra.url}/oauth2/token`, audience]);
    expect(await driver.requestToken(grantOf(one, assertion), aCall())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', oauthError: 'jti_known' },
    });
    const login = { clientID: one.client.clientID, authentication: grantOf(one, assertion).authentication };
    expect(await driver.revoke(token, login, aCall())).toMatchObject({ ok: true });
  });

  test('goes on for all others, without a single refusal, while the client of one of three workloads goes', async () => {
    const cluster = await aSigningCluster('three');
    const driver = driverFor(cluster);
    const [gone, ...others] = [
      await register(driver, cluster),
      await register(driver, cluster),
      await register(driver, cluster),
    ];
    const statusOfGone = async () => {
      let status = 500;
      while (status === 500) ({ status } = await ask(gone.client.clientID, await proof(cluster, gone)));
      return status;
    };
    const stop = new AbortController();
    const statuses: number[] = [];
    const hammer = others.map(async (one) => {
      while (!stop.signal.aborted)
        statuses.push((await ask(one.client.clientID, await proof(cluster, one))).status);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    valueOf(await again(() => driver.update(gone.client, withdrawnClient(gone.wanted), aCall())));
    expect(await statusOfGone()).toBe(400);
    valueOf(await again(() => driver.deregister(gone.client, gone.wanted.mark, aCall())));
    expect(await statusOfGone()).toBe(401);
    valueOf(await again(() => driver.trustKeys([], aCall())));
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    await Promise.all(hammer);
    expect(statuses.length).toBeGreaterThan(20);
    // A Hydra on SQLite answers 500 now and then where two ask at once, whatever happens to its rows.
    expect(statuses.filter((status) => status !== 200 && status !== 500)).toEqual([]);
    expect(statuses.filter((status) => status === 500).length).toBeLessThan(statuses.length / 10);
  });

  test('has a new key before the old one goes, and lets the old one go with all its rows at once', async () => {
    const cluster = await aSigningCluster('rotating');
    const first = cluster.firstKeyID;
    const driver = driverFor(cluster);
    const all = [await register(driver, cluster), await register(driver, cluster)];
    const second = await cluster.rotate();
    valueOf(await driver.trustKeys([], aCall()));
    const after = await rowsOf(cluster);
    valueOf(await driver.trustKeys([], aCall()));
    expect(await rowsOf(cluster), 'nothing is written where nothing is missing').toEqual(after);
    for (const one of all)
      for (const keyID of [first, second])
        expect((await ask(one.client.clientID, await proof(cluster, one, keyID))).status).toBe(200);
    cluster.forget(first);
    valueOf(await driver.trustKeys([first], aCall()));
    for (const one of all) {
      expect((await ask(one.client.clientID, await proof(cluster, one, first))).status).toBe(400);
      expect((await ask(one.client.clientID, await proof(cluster, one, second))).status).toBe(200);
    }
    expect(new Set((await rowsOf(cluster)).map(({ key }) => key))).toEqual(new Set([second]));
  });

  test('has a key at the first token that it signed, where the cluster was in a hurry', async () => {
    const cluster = await aSigningCluster('hurry');
    const driver = driverFor(cluster);
    const all: Federated[] = [];
    for (let n = 0; n < 8; n += 1) all.push(await register(driver, cluster));
    const askAll = () => atOnce(driver, cluster, all);
    await askAll();
    await cluster.rotate();
    await askAll();
    // As little as half a minute later once more.
    await cluster.rotate();
    await askAll();
  });

  test('comes back when somebody took it away, at the next token or the next look', async () => {
    const cluster = await aSigningCluster('robbed');
    const driver = driverFor(cluster);
    const [one, other] = [await register(driver, cluster), await register(driver, cluster)];
    const takeAway = async () => {
      for (const { id } of (await rowsOf(cluster)).slice(0, 1)) await admin.expect('DELETE', `${rows}/${id}`);
      expect(await rowsOf(cluster)).toEqual([]);
    };
    await takeAway();
    await atOnce(driver, cluster, [one, other]);
    await takeAway();
    valueOf(await driver.trustKeys([], aCall()));
    expect((await ask(one.client.clientID, await proof(cluster, one))).status).toBe(200);
  });

  test('gets more scopes when its client does, and all others keep theirs', async () => {
    const cluster = await aSigningCluster('wider');
    const driver = driverFor(cluster);
    const [one, other] = [await register(driver, cluster), await register(driver, cluster)];
    const wider = { ...one.wanted, scopes: ['invoices.read', 'invoices.audit'] };
    valueOf(await driver.update(one.client, wider, aCall()));
    expect((await ask(one.client.clientID, await proof(cluster, one), 'invoices.audit')).status).toBe(200);
    expect((await ask(other.client.clientID, await proof(cluster, other))).status).toBe(200);
    expect((await ask(other.client.clientID, await proof(cluster, other), 'invoices.audit')).status).toBe(
      400,
    );
  });

  test('never needs to be changed where a token hook binds assertions to their client', async () => {
    const cluster = await aSigningCluster('bound');
    const driver = driverFor(cluster, ['TenantClaims', 'BoundAssertions']);
    expect(valueOf(await driver.discover(aCall()))).toContain('BoundAssertions');
    const one = await register(driver, cluster);
    const before = await rowsOf(cluster);
    valueOf(await driver.update(one.client, { ...one.wanted, scopes: ['invoices.audit'] }, aCall()));
    expect((await ask(one.client.clientID, await proof(cluster, one), 'invoices.audit')).status).toBe(200);
    expect(await rowsOf(cluster)).toEqual(before);
  });

  test('of one cluster says nothing of another, though it has the same name', async () => {
    const [ours, theirs] = [await aSigningCluster('east'), await aSigningCluster('west')];
    const namesake = { ...theirs, issuer: ours.issuer };
    await register(driverFor(ours), ours);
    const driver = driverFor(namesake);
    await register(driver, namesake);
    valueOf(await driver.trustKeys([], aCall()));
    expect((await rowsOf(ours)).length).toBe(2);
  });

  test('makes no client that is registered for codes as well, since it would be a public one', async () => {
    const cluster = await aSigningCluster('codes');
    const { wanted } = federated(cluster, {
      grantTypes: ['ClientCredentials', 'AuthorizationCode'],
      redirectURIs: ['https://app.acme.example/callback'],
    });
    expect(await driverFor(cluster).register(wanted, aCall())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
    });
  });
});
