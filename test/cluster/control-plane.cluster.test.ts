import { readFileSync } from 'node:fs';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, connectApi, openApi } from './api.ts';
import { awaitRequest, readAudit, selectEtcdWrites, tallyRequests } from './audit-log.ts';
import type { ControlPlane } from './control-plane.ts';
import { serviceAccountIssuer } from './server-arguments.ts';
import { testControlPlane } from './test-cluster.ts';

const namespace = 'control-plane-test';
const serviceAccounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;

describe.skipIf(testControlPlane() === undefined)('the control plane', () => {
  let cluster: ControlPlane;
  let admin: Api;
  beforeAll(async () => {
    cluster = testControlPlane()!;
    admin = openApi(cluster.adminKubeconfig);
    expect((await admin.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } })).status).toBe(
      201,
    );
    expect((await admin.send('POST', serviceAccounts, { metadata: { name: 'app' } })).status).toBe(201);
  });
  afterAll(() => admin?.close());

  const requestToken = (api: Api, audience: string): ReturnType<Api['send']> =>
    api.send('POST', `${serviceAccounts}/app/token`, {
      spec: { audiences: [audience], expirationSeconds: 600 },
    });

  it('issues a ServiceAccount token for a custom audience, which its own JWKS verifies', async () => {
    const { status, body } = await requestToken(admin, 'https://issuer.example');
    expect(status).toBe(201);
    const jwks = await admin.send('GET', '/openid/v1/jwks');
    const { payload, protectedHeader } = await jwtVerify(body.status.token, createLocalJWKSet(jwks.body), {
      issuer: serviceAccountIssuer,
      audience: 'https://issuer.example',
      subject: `system:serviceaccount:${namespace}:app`,
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(payload.exp! - payload.iat!).toBe(600);
  });

  it('gives every token another jti', async () => {
    const tokens = await Promise.all([1, 2].map(() => requestToken(admin, 'https://issuer.example')));
    expect(new Set(tokens.map(({ body }) => decodeJwt(body.status.token).jti)).size).toBe(2);
  });

  it('publishes OIDC discovery to authenticated users', async () => {
    const { status, body } = await admin.send('GET', '/.well-known/openid-configuration');
    expect(status).toBe(200);
    expect(body.issuer).toBe(serviceAccountIssuer);
    expect(body.jwks_uri).toMatch(/\/openid\/v1\/jwks$/);
  });

  it.each(['/api/v1/namespaces', '/.well-known/openid-configuration', '/openid/v1/jwks'])(
    'refuses to tell nobody about %s',
    async (path) => {
      const nobody = connectApi(cluster.server, { ca: readFileSync(cluster.caFile, 'utf8') });
      expect((await nobody.send('GET', path)).status).toBe(403);
      await nobody.close();
    },
  );

  it('gives a new identity no rights but those that RBAC grants to it', async () => {
    const user = 'system:reader/one';
    const api = openApi(await cluster.kubeconfigFor(user, ['readers']));
    const whoAmI = await api.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
    expect(whoAmI.body.status.userInfo).toMatchObject({
      username: user,
      groups: ['readers', 'system:authenticated'],
    });
    expect((await api.send('GET', serviceAccounts)).status).toBe(403);

    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    await admin.send('POST', `${rbac}/roles`, {
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['list'] }],
    });
    await admin.send('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' }],
    });
    await expect.poll(async () => (await api.send('GET', serviceAccounts)).status).toBe(200);
    await api.close();
  });

  it('runs ServiceAccount admission: no pod for a ServiceAccount that does not exist', async () => {
    const { status, body } = await admin.send('POST', `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'orphan' },
      spec: { serviceAccountName: 'nobody', containers: [{ name: 'a', image: 'a' }] },
    });
    expect(status).toBe(403);
    expect(body.message).toContain('serviceaccount "nobody" not found');
  });

  it('runs the Node authorizer: a node asks for no token without a pod of its own', async () => {
    const node = openApi(await cluster.kubeconfigFor('system:node:one', ['system:nodes']));
    const { status, body } = await requestToken(node, 'https://issuer.example');
    expect(status).toBe(403);
    expect(body.message).toMatch(/no relationship found between node 'one' and this object/);
    await node.close();
  });

  it('logs each request of a user once, with who, what and how it ended', async () => {
    const user = 'counted';
    const api = openApi(await cluster.kubeconfigFor(user, ['system:masters']));
    const { offset } = readAudit(cluster.auditLog);
    await requestToken(api, 'https://issuer.example');
    await requestToken(api, 'https://issuer.example');
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    await api.send('POST', secrets, { metadata: { name: 'written' } });
    await api.send('POST', secrets, { metadata: { name: 'written' } });
    await api.send('DELETE', `${secrets}/written`);
    await api.close();

    const { events } = await awaitRequest(cluster.auditLog, { user, verb: 'delete' }, { fromOffset: offset });
    expect(tallyRequests(events, { user })).toEqual({
      'create serviceaccounts/token': 2,
      'create secrets': 2,
      'delete secrets': 1,
    });
    expect(selectEtcdWrites(events, { user }).map(({ verb, name, code }) => [verb, name, code])).toEqual([
      ['create', 'written', 201],
      ['delete', 'written', 200],
    ]);
  });
});
