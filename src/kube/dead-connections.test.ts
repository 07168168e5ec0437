import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../test/cluster/certificates.ts';
import { portOf } from '../../test/fakes/port-of.ts';
import { startTcpRelay } from '../../test/fakes/tcp-relay.ts';
import { at, secrets, startTlsApiServer, theObject } from '../../test/fakes/tls-api-server.ts';
import { systemClock } from '../std/clock.ts';
import { type Duration, milliseconds, seconds } from '../std/duration.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeClient } from './kube-client.ts';

const limit = milliseconds(150);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function connect(port: number, ca = ''): KubeClient {
  const access = () => Promise.resolve({ ca });
  const client = createKubeClient({
    config: {
      server: new URL(`https://127.0.0.1:${port}`),
      namespace: 'n',
      access: { access, renew: access },
    },
    clock: systemClock,
    userAgent: 'grantor/1',
    fieldManager: 'grantor',
  });
  closers.push(() => client.close());
  return client;
}

/** An API server behind a relay that can make connections die. */
async function stage() {
  const authority = await createAuthority('cluster');
  const serving = await issueCertificate(authority, { commonName: 's', hosts: ['127.0.0.1'] });
  const server = await startTlsApiServer(serving);
  const relay = await startTcpRelay(server.port);
  closers.push(
    () => server.close(),
    () => relay.close(),
  );
  return { server, relay, client: connect(relay.port, authority.certificate) };
}

/** undici gives a connection back a moment after the answer that came over it. */
const isBackInThePool = () => new Promise((resolve) => setTimeout(resolve, 50));

test('a call over a connection that died silently ends at its deadline, and the connection is not used again', async () => {
  const { relay, client } = await stage();
  expect((await client.get(secrets, at)).ok).toBe(true);
  await isBackInThePool();
  const before = relay.accepted;
  relay.swallow();
  const began = performance.now();
  expect(await client.get(secrets, at, { timeout: limit })).toMatchObject({
    ok: false,
    error: { kind: 'unavailable', message: expect.stringContaining('no answer within') },
  });
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await client.get(secrets, at, { timeout: seconds(5) })).toEqual({ ok: true, value: theObject });
  expect([relay.accepted - before, relay.open]).toEqual([1, 1]);
});

test('when all connections die silently, each costs one call, and then all is well', async () => {
  const { relay, client } = await stage();
  const calls = (timeout: Duration) =>
    Promise.all(Array.from({ length: 32 }, () => client.get(secrets, at, { timeout })));
  await calls(seconds(10));
  await isBackInThePool();
  const pooled = relay.open;
  relay.swallow();
  const lost = (await calls(seconds(1))).filter(({ ok }) => !ok);
  expect(lost).toHaveLength(pooled);
  for (const call of await calls(seconds(10))) expect(call.ok).toBe(true);
});

test('a connection that is cut while idle costs no call', async () => {
  const { relay, client } = await stage();
  await client.get(secrets, at);
  relay.cut();
  await expect.poll(() => relay.open).toBe(0);
  expect((await client.get(secrets, at)).ok).toBe(true);
});

test('a server that accepts and never shakes hands holds calls, those behind them and a watch no longer than their limits', async () => {
  const silent = createServer((socket) => void socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closers.push(async () => silent.close());
  const client = connect(portOf(silent));
  const began = performance.now();
  const calls = Array.from({ length: 40 }, () => client.get(secrets, at, { timeout: limit }));
  const watch = client.watch(secrets, { resourceVersion: '7', lasting: seconds(300), timeout: limit });
  for (const call of await Promise.all([...calls, watch])) expect(call.ok).toBe(false);
  // Less than undici's limit for a handshake.
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('a watch that is given up leaves no connection behind', async () => {
  const { relay, client } = await stage();
  const stop = new AbortController();
  const watch = await client.watch(secrets, {
    resourceVersion: '7',
    lasting: seconds(300),
    signal: stop.signal,
  });
  expect([watch.ok, relay.open]).toEqual([true, 1]);
  relay.swallow();
  stop.abort();
  if (watch.ok) for await (const event of watch.value) expect(event.ok).toBe(false);
  await expect.poll(() => relay.open).toBe(0);
});
