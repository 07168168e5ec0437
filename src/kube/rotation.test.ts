import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
} from '../../test/cluster/certificates.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import {
  at,
  secrets,
  startTlsApiServer,
  type TlsApiServer,
  theObject,
} from '../../test/fakes/tls-api-server.ts';
import { seconds } from '../std/duration.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { createKubeClient } from './create-kube-client.ts';
import { loadInCluster } from './in-cluster.ts';
import type { KubeClient } from './kube-client.ts';
import { loadKubeconfig } from './kubeconfig.ts';

const good = { ok: true, value: theObject };

let clock: FakeClock;
let folder: string;
let authority: IssuedCertificate;
let other: IssuedCertificate;

const servingOf = (ca: IssuedCertificate) =>
  issueCertificate(ca, { commonName: 'kube-apiserver', hosts: ['127.0.0.1'] });
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const mounted = (token: string, ca: IssuedCertificate) =>
  Promise.all([write('token', token), write('ca.crt', ca.certificate), write('namespace', 'n')]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grantor-rotation-'));
  [authority, other] = await Promise.all([createAuthority('first'), createAuthority('second')]);
});
afterAll(() => rm(folder, { recursive: true }));

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server, and a way to make a client of it whose credentials were read some seconds ago. */
async function serve(...how: Parameters<typeof startTlsApiServer>): Promise<TlsApiServer> {
  const server = await startTlsApiServer(...how);
  closers.push(() => server.close());
  return server;
}
async function connect(load: (clock: FakeClock) => Promise<ClusterConfig>): Promise<KubeClient> {
  clock = new FakeClock();
  const client = createKubeClient({
    config: await load(clock),
    clock,
    userAgent: 'grantor/1',
    fieldManager: 'grantor',
  });
  closers.push(() => client.close());
  await clock.advance(seconds(10));
  return client;
}
const eightCalls = (client: KubeClient) =>
  Promise.all(Array.from({ length: 8 }, () => client.get(secrets, at)));
const podOf = ({ port }: TlsApiServer) => ({
  KUBERNETES_SERVICE_HOST: '127.0.0.1',
  KUBERNETES_SERVICE_PORT: `${port}`,
});

test('a token that was replaced is read at the first 401, and its call is repeated; no connection is made anew', async () => {
  let valid = 'Bearer one';
  const server = await serve(await servingOf(authority), ({ authorization }) => authorization === valid);
  await mounted('one', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  expect(await client.get(secrets, at)).toEqual(good);
  valid = 'Bearer two';
  await write('token', 'two');
  expect(await client.get(secrets, at)).toEqual(good);
  expect(server.seen.map(({ authorization }) => authorization)).toEqual([
    'Bearer one',
    'Bearer one',
    'Bearer two',
  ]);
  expect(server.connections).toBe(1);
});

test('a token that stays bad costs one repetition each 5 s, not each call', async () => {
  const server = await serve(await servingOf(authority), () => false);
  await mounted('bad', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  for (let i = 0; i < 20; i += 1) {
    expect(await client.get(secrets, at)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
  }
  expect(server.seen).toHaveLength(21);
  await clock.advance(seconds(5));
  await client.get(secrets, at);
  expect(server.seen).toHaveLength(23);
});

test('a new serving certificate of the same CA is noticed by nobody', async () => {
  const server = await serve(await servingOf(authority));
  await mounted('t', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  expect(await client.get(secrets, at)).toEqual(good);
  server.present(await servingOf(authority));
  for (const call of await eightCalls(client)) expect(call).toEqual(good);
});

test('a CA that was replaced is read when a handshake fails, not a minute later', async () => {
  const server = await serve(await servingOf(other));
  await mounted('t', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  await mounted('t', other);
  for (const call of await eightCalls(client)) expect(call).toEqual(good);
});

test('a CA that stays wrong is a failure that says so, and no request ever leaves', async () => {
  const server = await serve(await servingOf(other));
  await mounted('t', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  for (let i = 0; i < 5; i += 1) {
    expect(await client.get(secrets, at)).toMatchObject({
      ok: false,
      error: { kind: 'unavailable', message: expect.stringContaining('not signed by the configured CA') },
    });
  }
  expect([server.seen.length, server.connections]).toEqual([0, 6]);
});

test('a watch outlives a change of CA on its old connection, beside calls on new ones', async () => {
  const server = await serve(await servingOf(authority));
  await mounted('t', authority);
  const client = await connect((clock) => loadInCluster(podOf(server), clock, folder));
  const watch = await client.watch(secrets, { resourceVersion: '7', lasting: seconds(300) });
  if (!watch.ok) throw new Error(watch.error.message);
  server.present(await servingOf(other));
  await mounted('t', other);
  await clock.advance(seconds(60));
  expect(await client.get(secrets, at)).toEqual(good);
  server.say(JSON.stringify({ type: 'ADDED', object: theObject }));
  const { value: event } = await watch.value.next();
  expect(event).toEqual({ ok: true, value: { type: 'ADDED', object: theObject } });
  expect(server.seen[0]?.socket).not.toBe(server.seen[1]?.socket);
});

test('a client certificate that was replaced is presented from the next refusal on, over new connections', async () => {
  let valid = 'one';
  const server = await serve(await servingOf(authority), ({ client }) => client === valid, authority);
  const issue = async (commonName: string): Promise<void> => {
    const { certificate, privateKey } = await issueCertificate(authority, { commonName });
    await Promise.all([write('tls.crt', certificate), write('tls.key', privateKey)]);
  };
  await issue('one');
  const ca = Buffer.from(authority.certificate).toString('base64');
  await write(
    'config',
    `
clusters: [{name: c, cluster: {server: "${server.url.origin}", certificate-authority-data: ${ca}}}]
users: [{name: u, user: {client-certificate: tls.crt, client-key: tls.key}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`,
  );
  const client = await connect((clock) => loadKubeconfig(join(folder, 'config'), clock));
  expect(await client.get(secrets, at)).toEqual(good);
  await issue('two');
  valid = 'two';
  expect(await client.get(secrets, at)).toEqual(good);
  expect(server.seen.map(({ client }) => client)).toEqual(['one', 'one', 'two']);
  expect(server.connections).toBe(2);
});
