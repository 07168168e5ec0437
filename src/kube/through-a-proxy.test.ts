import { afterEach, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../test/cluster/certificates.ts';
import { startConnectProxy } from '../../test/fakes/connect-proxy.ts';
import { at, secrets, startTlsApiServer, theObject } from '../../test/fakes/tls-api-server.ts';
import { systemClock } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import { Secret } from '../std/secret.ts';
import type { Access } from './cluster-config.ts';
import { createKubeClient, type KubeClientOptions } from './create-kube-client.ts';

/** A name that only the proxy knows. */
const name = 'kube.invalid';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An API server that admits one client certificate and is called by a name that only a proxy resolves. */
async function stage(answer?: Parameters<typeof startConnectProxy>[0]) {
  const authority = await createAuthority('cluster');
  const serving = await issueCertificate(authority, { commonName: 'kube-apiserver', hosts: [name] });
  const mine = await issueCertificate(authority, { commonName: 'me' });
  const server = await startTlsApiServer(serving, ({ client }) => client === 'me', authority);
  const proxy = await startConnectProxy(answer);
  closers.push(
    () => server.close(),
    () => proxy.close(),
  );
  const access: Access = {
    ca: authority.certificate,
    clientCertificate: mine.certificate,
    clientKey: new Secret(mine.privateKey),
  };
  const source = () => Promise.resolve(access);
  const connect = (settings: Pick<KubeClientOptions, 'proxy'>, own?: URL) => {
    const client = createKubeClient({
      config: {
        server: new URL(`https://${name}:${server.port}`),
        namespace: 'n',
        access: { access: source, renew: source },
        ...(own === undefined ? {} : { proxy: new Secret(own) }),
      },
      clock: systemClock,
      userAgent: 'grantor/1',
      fieldManager: 'grantor',
      ...settings,
    });
    closers.push(() => client.close());
    return client;
  };
  return { server, proxy, connect, target: `${name}:${server.port}` };
}

test('calls and watches go through it, with our certificate to the server and nothing of it to the proxy', async () => {
  const { server, proxy, connect, target } = await stage();
  const client = connect({ proxy: { httpsProxy: proxy.url.href, noProxy: 'other.invalid' } });
  for (let i = 0; i < 5; i += 1)
    expect(await client.get(secrets, at)).toEqual({ ok: true, value: theObject });
  const watch = await client.watch(secrets, { resourceVersion: '7', lasting: seconds(300) });
  if (!watch.ok) throw new Error(watch.error.message);
  server.say(JSON.stringify({ type: 'ADDED', object: theObject }));
  expect((await watch.value.next()).value).toMatchObject({ ok: true, value: { type: 'ADDED' } });
  expect(new Set(proxy.tunnels.map(({ url }) => url))).toEqual(new Set([target]));
  expect(proxy.tunnels.length).toBeLessThanOrEqual(3);
  expect(server.seen.map(({ client }) => client)).toEqual(Array(6).fill('me'));
});

test('NO_PROXY is honoured', async () => {
  const { proxy, connect } = await stage();
  const client = connect({ proxy: { httpsProxy: proxy.url.href, noProxy: name } });
  expect(await client.get(secrets, at)).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('its name does not resolve') },
  });
  expect(proxy.tunnels).toEqual([]);
});

test('that of the kubeconfig goes before that of the environment, with its credentials', async () => {
  const { proxy, connect } = await stage();
  const own = new URL(proxy.url);
  Object.assign(own, { username: 'me', password: 'p@ss' });
  const client = connect({ proxy: { httpsProxy: 'http://127.0.0.1:1', noProxy: '*' } }, own);
  expect((await client.get(secrets, at)).ok).toBe(true);
  const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(proxy.tunnels.map(({ headers }) => headers['proxy-authorization'])).toEqual([basic]);
});

test('a proxy that refuses, or is not there, is named in the failure, but not its password', async () => {
  const { proxy, connect } = await stage(403);
  const refused = await connect({ proxy: { httpsProxy: proxy.url.href } }).get(secrets, at);
  const absent = await connect({ proxy: { httpsProxy: 'http://me:pass@127.0.0.1:1' } }).get(secrets, at);
  expect([refused, absent].map((result) => !result.ok && result.error.message)).toEqual([
    expect.stringMatching(/403.*\(through the proxy 127\.0\.0\.1:\d+\)$/),
    'GET /api/v1/namespaces/n/secrets/a: API server unreachable: connection refused (through the proxy 127.0.0.1:1)',
  ]);
});

test('a proxy that says nothing holds a call no longer than its deadline', async () => {
  const { connect, proxy } = await stage('nothing');
  const client = connect({ proxy: { httpsProxy: proxy.url.href } });
  const result = await client.get(secrets, at, { timeout: milliseconds(100) });
  expect(result).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('no answer within') },
  });
});
