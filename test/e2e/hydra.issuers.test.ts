import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { KubeObject } from '../../src/kube/objects.ts';
import { minutes } from '../../src/std/duration.ts';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { pkiIn } from '../cluster/pki.ts';
import { restart } from '../cluster/restart.ts';
import { ownControlPlane } from '../faults/use-fault-stage.ts';
import { type AdminGuard, startAdminGuard } from '../issuers/admin-guard.ts';
import { type HttpsClient, httpsClient } from '../issuers/https-client.ts';
import type { Hydra } from '../issuers/start-hydra.ts';
import { hydraIsThere, startTestHydra } from '../issuers/test-issuers.ts';
import { installAudience } from '../stage/audiences.ts';
import { applyManifests, type Manifest } from '../stage/manifests.ts';
import { Program } from '../stage/program.ts';
import { controllerUser } from '../stage/stage.ts';
import { kindOf, look } from './look.ts';
import {
  anIssuer,
  aServiceAccount,
  aTenant,
  audience,
  aWorkload,
  scope,
  secretKind,
  serviceAccountKind,
} from './objects.ts';
import { useStage } from './use-stage.ts';

type SecretObject = KubeObject & { readonly type: string; readonly data?: Readonly<Record<string, string>> };

describe.skipIf(!hydraIsThere())('with a real Ory Hydra and its token hook', () => {
  const stage = useStage({ cluster: ownControlPlane });
  const see = look(stage);
  let hydra: Hydra & { stop(): Promise<void> };
  let admin: HttpsClient;
  let open: HttpsClient;
  let hook: Program;
  let guard: AdminGuard;

  const apply = (manifests: readonly Manifest[]) => applyManifests(stage.kube, manifests);
  const workload = (
    tenant: string,
    name = 'api',
    parts: NonNullable<Parameters<typeof aWorkload>[2]> = {},
  ): Manifest[] =>
    aWorkload(tenant, name, { ...parts, client: { issuerRef: { name: 'hydra' }, ...parts.client } });
  const tenantOf = (name: string) => aTenant(name, { issuers: ['hydra'] });
  const tokenOf = async (key: string): Promise<string> =>
    (await see.content(`${key}-token`))?.['token'] ?? '';
  const clientAt = async (clientID: string | undefined) => admin.send('GET', `/admin/clients/${clientID}`);

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    hydra = await startTestHydra({
      oauth2: {
        token_hook: `http://127.0.0.1:${port}`,
        allowed_top_level_claims: ['tenant_id', 'roles'],
        grant: { jwt: { max_ttl: '1h' } },
      },
    });
    hook = new Program({
      entry: join(import.meta.dirname, '../../examples/hydra-token-hook/hook.ts'),
      args: [String(port)],
      logFile: join(stage.dir, 'token-hook.log'),
      env: { HYDRA_ADMIN: hydra.adminUrl, NODE_EXTRA_CA_CERTS: hydra.caFile },
    });
    guard = await startAdminGuard({
      tls: hydra.tls,
      target: hydra.adminUrl,
      kubeconfig: stage.controlPlane.adminKubeconfig,
      audience: `${hydra.url}/oauth2/token`,
      username: controllerUser,
    });
    admin = httpsClient(hydra.adminUrl, hydra.caFile);
    open = httpsClient(hydra.url, hydra.caFile);
    const ca = { name: 'hydra', key: 'ca.crt' };
    await installAudience(stage.kube, 'hydra', `${hydra.url}/oauth2/token`);
    await apply([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: ca.name, namespace: 'grantor-system' },
        data: { [ca.key]: readFileSync(hydra.caFile, 'utf8') },
      },
      anIssuer({
        name: 'hydra',
        url: hydra.url,
        spec: {
          driver: {
            hydra: {
              adminURL: guard.url,
              adminAuthentication: 'ServiceAccountToken',
              tokenHook: ['TenantClaims', 'BoundAssertions'],
            },
          },
          federation: { method: 'JWTBearer', assertionReuse: 'SingleUse' },
          tls: { caBundleRef: ca },
        },
      }),
    ]);
    await see.until('issuer', 'hydra', 'True Discovered', { within: 20_000 });
  });
  afterAll(async () => {
    await hook?.end();
    await guard?.close();
    await Promise.all([admin?.close(), open?.close()]);
    await hydra?.stop();
  });

  test('a workload gets tokens, again and again, and no client secret is anywhere in the cluster', async () => {
    const tenant = 'lean';
    await apply([
      ...tenantOf(tenant),
      ...workload(tenant, 'api', { client: { accessTokenLifetime: '12s' } }),
    ]);
    await see.until('binding', `${tenant}/api`, 'True', { within: 20_000 });
    const tokens = new Set<string>();
    await vi.waitFor(
      async () => {
        tokens.add(await tokenOf(`${tenant}/api`));
        expect(tokens.size).toBeGreaterThan(3);
      },
      { timeout: 50_000, interval: 500 },
    );
    const clientID = await see.clientID(`${tenant}/api`);
    for (const token of tokens) {
      expect(decodeJwt(token)).toMatchObject({
        iss: hydra.url,
        sub: `system:serviceaccount:${tenant}:api`,
        client_id: clientID,
        aud: [`${hydra.url}/oauth2/token`, audience],
        tenant_id: tenant,
        roles: ['reader'],
        scope,
      });
    }
    expect((await clientAt(clientID)).body).toMatchObject({ token_endpoint_auth_method: 'none', jwks: {} });
    const secrets = await see.list<SecretObject>(secretKind);
    const ours = secrets.filter(({ type }) => type.startsWith('grantor.dev/'));
    expect(ours.length).toBeGreaterThan(1);
    for (const { type, data = {} } of ours) {
      expect(['grantor.dev/token', 'grantor.dev/registration']).toContain(type);
      const contents = Object.entries(data)
        .filter(([key]) => !['token', 'metadata.json'].includes(key))
        .map(([key, value]) => `${key}=${Buffer.from(value, 'base64').toString('utf8')}`);
      expect(contents.filter((content) => /secret|private|"d":/i.test(content))).toEqual([]);
    }
  });

  test("the admin API is asked with a token of the controller's own ServiceAccount, and by nobody else", async () => {
    expect(guard.answers.length).toBeGreaterThan(3);
    expect(guard.answers).not.toContain(401);
    const anybody = httpsClient(guard.url, hydra.caFile);
    expect((await anybody.send('GET', '/admin/clients')).status).toBe(401);
    await anybody.close();
  });

  test('as well by one that lies in a folder, which the controller then need not ask for', async () => {
    const account = { namespace: 'grantor-system', name: 'grantor-controller' };
    const found = await stage.kube.get(serviceAccountKind, account);
    if (!found.ok) throw new Error(found.error.message);
    const { uid } = found.value.metadata;
    const wish = { uid, audiences: [`${hydra.url}/oauth2/token`], expiration: minutes(10) };
    const own = await stage.kube.requestToken(account, wish);
    if (!own.ok) throw new Error(own.error.message);
    const folder = mkdtempSync(join(stage.dir, 'own-tokens-'));
    writeFileSync(join(folder, 'hydra'), own.value.token.reveal(), { mode: 0o600 });
    await stage.controller.program.end();
    const before = guard.answers.length;
    const { offset } = readAudit(stage.controlPlane.auditLog);
    await stage.startController({ args: ['--own-tokens', folder] });
    onTestFinished(async () => {
      rmSync(folder, { recursive: true });
      await stage.controller.program.end();
      await stage.startController();
    });
    await apply([...tenantOf('by-folder'), ...workload('by-folder')]);
    await see.until('binding', 'by-folder/api', 'True', { within: 20_000 });
    const { events } = readAudit(stage.controlPlane.auditLog, offset);
    const asked = selectRequests(events, { user: controllerUser, subresource: 'token' });
    const namespaces = asked.map(({ namespace }) => namespace);
    expect(namespaces).toContain('by-folder');
    expect(namespaces).not.toContain('grantor-system');
    expect(guard.answers.slice(before)).not.toContain(401);
  });

  test.each([
    ['private-key', { privateKey: { secretRef: { name: 'api-credentials' } } }, 'private_key_jwt'],
    ['secret', { secret: { secretRef: { name: 'api-credentials' } } }, 'client_secret_basic'],
  ])('a client with a %s gets tokens too', async (name, authentication, method) => {
    const tenant = `by-${name}`;
    await apply([...tenantOf(tenant), ...workload(tenant, 'api', { client: { authentication } })]);
    await see.until('binding', `${tenant}/api`, 'True', { within: 20_000 });
    const clientID = await see.clientID(`${tenant}/api`);
    expect(decodeJwt(await tokenOf(`${tenant}/api`))).toMatchObject({ sub: clientID, tenant_id: tenant });
    expect((await clientAt(clientID)).body.token_endpoint_auth_method).toBe(method);
  });

  test('rule 0: a workload gets nothing as the client of another', async () => {
    const tenant = 'curious';
    await apply([...tenantOf(tenant), ...workload(tenant), ...workload(tenant, 'other')]);
    for (const name of ['api', 'other']) await see.until('binding', `${tenant}/${name}`, 'True');
    const account = await stage.kube.get(serviceAccountKind, { namespace: tenant, name: 'other' });
    if (!account.ok) throw new Error(account.error.message);
    const ask = async (client: string): Promise<number> => {
      const assertion = await stage.asController.requestToken(
        { namespace: tenant, name: 'other' },
        {
          uid: account.value.metadata.uid,
          audiences: [`${hydra.url}/oauth2/token`],
          expiration: 600_000 as never,
        },
      );
      if (!assertion.ok) throw new Error(assertion.error.message);
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        client_id: (await see.clientID(`${tenant}/${client}`)) ?? '',
        assertion: assertion.value.token.reveal(),
        scope,
        audience,
      };
      return (await open.send('POST', '/oauth2/token', { form })).status;
    };
    expect([await ask('other'), await ask('api')]).toEqual([200, 403]);
  });

  test('a ServiceAccount that is deleted ends the use of its client; one that is made anew begins it again', async () => {
    const tenant = 'recreated';
    await apply([...tenantOf(tenant), ...workload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const clientID = await see.clientID(`${tenant}/api`);
    const uidOf = async () => (await clientAt(clientID)).body.metadata.grantor.workload.uid;
    const former = await uidOf();
    await see.remove(serviceAccountKind, `${tenant}/api`);
    await vi.waitFor(async () => expect((await clientAt(clientID)).body.grant_types).toEqual([]), 10_000);
    await see.gone(secretKind, `${tenant}/api-token`);
    await apply([aServiceAccount(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    expect(await see.clientID(`${tenant}/api`)).toBe(clientID);
    expect(await uidOf()).not.toBe(former);
  });

  test('a tenant that is suspended has nothing left at Hydra, and gets all of it back under the same id', async () => {
    const tenant = 'suspended';
    await apply([...tenantOf(tenant), ...workload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const [clientID, token] = [await see.clientID(`${tenant}/api`), await tokenOf(`${tenant}/api`)];
    const isActive = async (): Promise<unknown> =>
      (await admin.send('POST', '/admin/oauth2/introspect', { form: { token } })).body.active;
    expect(await isActive()).toBe(true);
    await apply(aTenant(tenant, { issuers: ['hydra'], spec: { suspend: true } }));
    await see.gone(secretKind, `${tenant}/api-token`);
    await vi.waitFor(
      async () =>
        expect((await see.object('client', `${tenant}/api`)).status?.withdrawal).toMatchObject({
          revocation: 'Confirmed',
        }),
      10_000,
    );
    expect([await isActive(), (await clientAt(clientID)).body.grant_types]).toEqual([false, []]);
    await apply(aTenant(tenant, { issuers: ['hydra'], spec: { suspend: false } }));
    await see.until('binding', `${tenant}/api`, 'True');
    expect(await see.clientID(`${tenant}/api`)).toBe(clientID);
  });

  test('regression 7: a client that somebody deleted at Hydra is deleted here without complaint', async () => {
    const tenant = 'deleted-twice';
    await apply([...tenantOf(tenant), ...workload(tenant), ...workload(tenant, 'other')]);
    for (const name of ['api', 'other']) await see.until('binding', `${tenant}/${name}`, 'True');
    const [gone, other] = [await see.clientID(`${tenant}/api`), await see.clientID(`${tenant}/other`)];
    await admin.expect('DELETE', `/admin/clients/${gone}`);
    for (const name of ['api', 'other']) {
      await see.remove(kindOf.client, `${tenant}/${name}`);
      await see.gone(kindOf.client, `${tenant}/${name}`);
    }
    expect((await clientAt(other)).status).toBe(404);
  });

  describe('regression 15: when the signing key of the cluster is rotated', () => {
    const tenant = 'rotating';
    const heldKeys = async () =>
      (
        (await see.object('issuer', 'hydra')).status as {
          heldKeys?: { keyID: string; formerSince?: string }[];
        }
      ).heldKeys ?? [];
    /** Outcomes of all token requests at Hydra so far. */
    const outcomes = async (): Promise<string[]> => {
      const page = await (await fetch(`${stage.controller.probes}/metrics`)).text();
      const sample =
        /^grantor_issuer_requests_total\{issuer="hydra",operation="requestToken",outcome="(\w+)"\}/gm;
      return Array.from(page.matchAll(sample), ([, outcome = '']) => outcome);
    };
    const pki = () => pkiIn(stage.controlPlane.dir);
    const restartWith = (change: () => void) => restart(stage.controlPlane.dir, change);
    const aKeyPair = () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return {
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      };
    };
    const renewed = async (what: string) => {
      const before = await tokenOf(`${tenant}/api`);
      await vi.waitFor(async () => expect(await tokenOf(`${tenant}/api`), what).not.toBe(before), {
        timeout: 40_000,
        interval: 500,
      });
      // One that was never there asks for its first token with the key of this hour. After a restart of the API server a watch may
      // take its 30 s to come back (docs/reliability.md).
      await apply(workload(tenant, what));
      await see.until('binding', `${tenant}/${what}`, 'True', { within: 60_000 });
    };

    test('Hydra trusts the new one before the old one goes, and no renewal fails', async () => {
      await apply([
        ...tenantOf(tenant),
        ...workload(tenant, 'api', { client: { accessTokenLifetime: '40s' } }),
      ]);
      await see.until('binding', `${tenant}/api`, 'True');
      const [old] = await heldKeys();
      const next = aKeyPair();
      const former = readFileSync(pki().serviceAccountPublicKeyFile, 'utf8');

      // As the documentation of Kubernetes has it: the new key is known before it signs.
      await restartWith(() => appendFileSync(pki().serviceAccountPublicKeyFile, `\n${next.publicKey}`));
      await vi.waitFor(async () => expect(await heldKeys()).toHaveLength(2), {
        timeout: 90_000,
        interval: 500,
      });
      await restartWith(() => writeFileSync(pki().serviceAccountKeyFile, next.privateKey));
      await renewed('signed-by-the-new-key');
      await restartWith(() => writeFileSync(pki().serviceAccountPublicKeyFile, next.publicKey));
      await renewed('without-the-old-key');
      await vi.waitFor(
        async () => {
          const formerKey = (await heldKeys()).find(({ keyID }) => keyID === old?.keyID);
          expect(formerKey?.formerSince).toMatch(/^\d{4}-/);
        },
        { timeout: 90_000, interval: 500 },
      );
      expect(former).not.toContain(next.publicKey);
      expect(await outcomes()).toEqual(['ok']);
    }, 400_000);

    test('and whoever is in a hurry has no failed renewal either', async () => {
      const next = aKeyPair();
      copyFileSync(pki().serviceAccountKeyFile, join(stage.dir, 'former-sa.key'));
      await restartWith(() => {
        appendFileSync(pki().serviceAccountPublicKeyFile, `\n${next.publicKey}`);
        writeFileSync(pki().serviceAccountKeyFile, next.privateKey);
      });
      await renewed('at-once');
      expect(await outcomes()).toEqual(['ok']);
    }, 180_000);
  });
});
