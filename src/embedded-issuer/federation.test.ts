import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeCluster, startFakeCluster } from '../../test/embedded-issuer/fake-cluster.ts';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { systemClock } from '../std/clock.ts';

const clusterIssuer = 'https://kubernetes.default.svc.cluster.local';
const subject = 'system:serviceaccount:acme-prod:billing';
const uid = '0f9d7a4c-0000-4000-8000-000000000001';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let cluster: FakeCluster;
let issuer: IssuerFixture;
let client: Answer;
beforeAll(async () => {
  issuer = await IssuerFixture.start(async (certificate) => {
    cluster = await startFakeCluster(clusterIssuer, certificate);
    return { trustedClusters: [cluster.trust] };
  });
  client = await issuer.register(aFederatedClient());
});
afterAll(async () => {
  await issuer.stop();
  await cluster.close();
});

function aFederatedClient(workload: object = {}, members: object = {}) {
  return aRegistration(
    { workload: { issuer: clusterIssuer, subject, uid, ...workload } },
    { token_endpoint_auth_method: 'private_key_jwt', ...members },
  );
}

const serviceAccountToken = (claims: Claims = {}, how?: 'forged' | 'unsecured' | 'PS256') =>
  cluster.token({ sub: subject, aud: [issuer.running.url], 'kubernetes.io': claimsOf(uid), ...claims }, how);

const claimsOf = (uid: string) => ({ namespace: 'acme-prod', serviceaccount: { name: 'billing', uid } });

const login = (assertion: string, path = '/token', fields: Readonly<Record<string, string>> = {}) =>
  issuer.form(path, {
    ...(path === '/token' ? { grant_type: 'client_credentials' } : {}),
    client_assertion_type: assertionType,
    client_assertion: assertion,
    ...fields,
  });

type Claims = { readonly [claim: string]: unknown };

const now = () => Math.floor(systemClock.now() / 1000);

describe('a ServiceAccount token as client assertion', () => {
  it('gets a token for the client of its workload, again and again', async () => {
    const assertion = await serviceAccountToken();
    for (let n = 0; n < 3; n += 1) {
      const { status, json } = await login(assertion, '/token', { scope: 'invoices.read' });
      expect([status, json['scope']]).toEqual([200, 'invoices.read']);
    }
    expect(cluster.fetches()).toBe(1);
  });

  it('is also accepted with the client id, which must be the right one', async () => {
    const assertion = await serviceAccountToken();
    const client_id = String(client.json['client_id']);
    expect((await login(assertion, '/token', { client_id })).status).toBe(200);
    expect((await login(assertion, '/token', { client_id: 'other' })).status).toBe(400);
  });

  it('works at the introspection and revocation endpoints', async () => {
    const assertion = await serviceAccountToken();
    const token = String((await login(assertion)).json['access_token']);
    expect((await login(assertion, '/introspect', { token })).json['active']).toBe(true);
    expect((await login(assertion, '/revoke', { token })).status).toBe(200);
    expect((await login(assertion, '/introspect', { token })).json['active']).toBe(false);
  });

  it('shows no key in the registration', () => {
    expect(client.json).not.toHaveProperty('jwks');
    expect(client.json).not.toHaveProperty('client_secret');
  });

  const rows: ReadonlyArray<readonly [string, () => Promise<string>]> = [
    ['signed with a forged key', () => serviceAccountToken({}, 'forged')],
    ['signed with another algorithm', () => serviceAccountToken({}, 'PS256')],
    ['that is not signed', () => serviceAccountToken({}, 'unsecured')],
    ['for another audience', () => serviceAccountToken({ aud: ['https://other.example'] })],
    [
      'for this issuer and another',
      () => serviceAccountToken({ aud: [issuer.running.url, 'https://other.example'] }),
    ],
    ['for the token endpoint', () => serviceAccountToken({ aud: [`${issuer.running.url}/token`] })],
    ['without audience', () => serviceAccountToken({ aud: [] })],
    [
      'of a recreated ServiceAccount',
      () => serviceAccountToken({ 'kubernetes.io': claimsOf('another-uid') }),
    ],
    ['without a ServiceAccount UID', () => serviceAccountToken({ 'kubernetes.io': undefined })],
    ['of another cluster', () => serviceAccountToken({ iss: 'https://other-cluster.example' })],
    ['of an issuer that is almost ours', () => serviceAccountToken({ iss: `${clusterIssuer}/` })],
    ['that has expired', () => serviceAccountToken({ exp: now() - 31 })],
    ['that is not valid yet', () => serviceAccountToken({ nbf: now() + 60 })],
    ['without expiry', () => serviceAccountToken({ exp: undefined })],
    [
      'of a workload without a client',
      () => serviceAccountToken({ sub: 'system:serviceaccount:acme-prod:other' }),
    ],
    ['whose subject differs in case', () => serviceAccountToken({ sub: subject.toUpperCase() })],
    ['that is nothing of the kind', async () => 'a.b.c'],
  ];
  it.each(rows)('is refused %s', async (_what, assertion) => {
    const { status, json } = await login(await assertion());
    expect(json).not.toHaveProperty('access_token');
    expect(json['error']).toMatch(/^invalid_(client|request)$/);
    expect(status).toBe(json['error'] === 'invalid_client' ? 401 : 400);
  });

  it('is accepted within the tolerance for clocks', async () => {
    expect((await login(await serviceAccountToken({ exp: now() - 5 }))).status).toBe(200);
  });

  it('is refused together with a client secret', async () => {
    const { status } = await login(await serviceAccountToken(), '/token', { client_secret: 'x' });
    expect(status).toBe(400);
  });

  it('belongs to one client: a second one cannot be registered for the workload', async () => {
    const second = await issuer.register(aFederatedClient());
    expect([second.status, second.json['error']]).toEqual([400, 'invalid_client_metadata']);
    const sameSubject = await issuer.register(aFederatedClient({ uid: 'another-uid' }));
    expect(sameSubject.status).toBe(400);
  });

  it('is refused after its client is gone, and accepted for the next one', async () => {
    const workload = { subject: 'system:serviceaccount:acme-prod:gone' };
    const assertion = await serviceAccountToken({ sub: workload.subject });
    const first = await issuer.register(aFederatedClient(workload));
    expect((await login(assertion)).status).toBe(200);
    await issuer.manage('DELETE', first);
    expect((await login(assertion)).status).toBe(401);
    await issuer.register(aFederatedClient(workload));
    expect((await login(assertion)).status).toBe(200);
  });

  it('follows a registration that moves to another workload', async () => {
    const workload = { subject: 'system:serviceaccount:acme-prod:moves' };
    const mine = await issuer.register(aFederatedClient(workload));
    const metadata = {
      ...aFederatedClient({ ...workload, uid: 'recreated' }),
      client_id: mine.json['client_id'],
    };
    expect((await issuer.manage('PUT', mine, metadata)).status).toBe(200);
    const token = (uid: string) =>
      serviceAccountToken({ sub: workload.subject, 'kubernetes.io': claimsOf(uid) });
    expect((await login(await token(uid))).status).toBe(401);
    expect((await login(await token('recreated'))).status).toBe(200);
  });

  it.each<[string, object]>([
    ['jwks beside the workload', aFederatedClient({}, { jwks: { keys: [{ kty: 'EC' }] } })],
    ['a subject that is no ServiceAccount', aFederatedClient({ subject: 'system:node:a' })],
    ['no UID', aFederatedClient({ uid: '' })],
    ['an unknown member', aFederatedClient({ namespace: 'acme' })],
  ])('cannot be registered with %s', async (_what, metadata) => {
    const { status, json } = await issuer.register(metadata);
    expect([status, json['error']]).toEqual([400, 'invalid_client_metadata']);
  });

  it('cannot be registered for a cluster that is not trusted, and hears which is', async () => {
    const { status, json } = await issuer.register(aFederatedClient({ issuer: 'https://other.example' }));
    expect(status).toBe(400);
    expect(json['error_description']).toMatch(new RegExp(`--trust-cluster.*: ${clusterIssuer}$`));
  });
});

describe("a cluster's keys", () => {
  beforeEach(async () => {
    cluster.answer({ status: 200, issuer: clusterIssuer, bearer: undefined, padding: 0 });
    await issuer.restart({ trustedClusters: [cluster.trust] });
  });

  it.each<[string, Parameters<FakeCluster['answer']>[0]]>([
    ['cannot be had', { status: 500 }],
    ['are shown to others only', { bearer: 'somebody-else' }],
    ['are those of another issuer', { issuer: 'https://other.example' }],
    ['come with too much', { padding: 300 * 1024 }],
  ])('leave the caller to try again when they %s', async (_what, answer) => {
    cluster.answer(answer);
    const refused = await login(await serviceAccountToken());
    expect([refused.status, refused.json['error'], refused.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '5',
    ]);
    cluster.answer({ status: 200, issuer: clusterIssuer, bearer: undefined, padding: 0 });
    expect((await login(await serviceAccountToken())).status).toBe(200);
  });

  it('are fetched with the bearer token that the file holds at that time', async () => {
    const tokenFile = join(issuer.directory, 'bearer');
    writeFileSync(tokenFile, 'old\n');
    await issuer.restart({ trustedClusters: [{ ...cluster.trust, tokenFile }] });
    cluster.answer({ bearer: 'new' });
    expect((await login(await serviceAccountToken())).status).toBe(503);
    writeFileSync(tokenFile, 'new\n');
    expect((await login(await serviceAccountToken())).status).toBe(200);
  });

  it('are not fetched again for each token that nobody signed', async () => {
    await login(await serviceAccountToken());
    const before = cluster.fetches();
    for (let n = 0; n < 5; n += 1) {
      const forged = (await serviceAccountToken()).split('.');
      forged[0] = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `unknown-${n}` })).toString('base64url');
      expect((await login(forged.join('.'))).status).toBe(401);
    }
    expect(cluster.fetches()).toBe(before);
  });
});
