import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { milliseconds, seconds } from '../../../src/std/duration.ts';
import { issueLoopbackCertificate } from '../../cluster/certificates.ts';
import { cuttingTheBody, delaying, failing, losingTheAnswer, refusing, webPage } from './fault.ts';
import { cuttingInTheLine, dropping, errorEvent, replaying, swapping, twice } from './rewrites.ts';
import { startApiProxy } from './start-api-proxy.ts';

const dir = mkdtempSync(join(tmpdir(), 'grantor-api-proxy-'));
const certificate = await issueLoopbackCertificate(dir);

const readTls = () => ({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) });

/** Echoes calls; the test says what its watches tell. */
const seen: string[] = [];
const watching: ServerResponse[] = [];
const server = createServer(readTls(), (incoming, response) => {
  void (async () => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization} ${body}`);
    if (incoming.url?.includes('watch=true')) {
      response.writeHead(200).flushHeaders();
      watching.push(response);
    } else response.writeHead(201).end('{"done":true}');
  })();
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const proxy = await startApiProxy({
  target: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
  targetCa: readFileSync(certificate.caFile, 'utf8'),
  certificate,
});
afterEach(() => proxy.mend());
afterAll(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const secrets = '/api/v1/namespaces/mine/secrets';
const aClient = (caFile = certificate.caFile) => {
  const dispatcher = new Agent({
    connections: 1,
    connect: { ca: readFileSync(caFile, 'utf8'), timeout: 300 },
  });
  onTestFinished(() => dispatcher.destroy());
  return async (method: 'GET' | 'POST', path = secrets, patience = 5000) => {
    const { statusCode, headers, body } = await request(proxy.url + path, {
      dispatcher,
      method,
      headers: { authorization: 'Bearer me', 'user-agent': 'grantor/1' },
      ...(method === 'POST' ? { body: '{"a":1}' } : {}),
      signal: AbortSignal.timeout(patience),
    });
    return { status: statusCode, headers, body };
  };
};
/** A watch, what it told so far, and its end. */
const openWatch = async () => {
  const { body } = await aClient()('GET', `${secrets}?watch=true`, 60_000);
  const heard = { text: '', end: undefined as string | undefined };
  void (async () => {
    for await (const chunk of body) heard.text += String(chunk);
    heard.end = 'orderly';
  })().catch((error: NodeJS.ErrnoException) => (heard.end = error.code ?? 'broken'));
  const says = async (text: string) => vi.waitFor(() => expect(heard.text).toBe(text));
  const ends = async (how: string) => vi.waitFor(() => expect(heard.end).toBe(how));
  const [watch] = proxy.watches();
  return { heard, says, ends, watch: watch!, server: watching.at(-1)! };
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('without a fault', () => {
  test('it passes on what is asked and answered, and keeps a record', async () => {
    const { status, body } = await aClient()('POST');
    expect({ status, body: await body.json() }).toEqual({ status: 201, body: { done: true } });
    expect(seen.at(-1)).toBe(`POST ${secrets} Bearer me {"a":1}`);
    expect(proxy.requests.at(-1)).toMatchObject({
      verb: 'create',
      resource: 'secrets',
      namespace: 'mine',
      userAgent: 'grantor/1',
    });
  });

  test('it passes on each line of a watch when it comes, and the end of it', async () => {
    const { says, ends, server } = await openWatch();
    server.write('one\n');
    await says('one\n');
    server.write('tw');
    server.write('o\n');
    await says('one\ntwo\n');
    server.end();
    await ends('orderly');
    expect(proxy.watches()).toEqual([]);
  });

  test.each(['end', 'cut'] as const)(
    'it leaves the server when there is no client any more (%s)',
    async (how) => {
      const { watch, server } = await openWatch();
      const left = new Promise((resolve) => server.on('close', resolve));
      watch[how]('fin');
      await left;
    },
  );

  test('it keeps its connections to the server', async () => {
    const ask = aClient();
    const ports = new Set<number | undefined>();
    const note = (incoming: IncomingMessage) => ports.add(incoming.socket.remotePort);
    server.on('request', note);
    for (let n = 0; n < 4; n += 1) await (await ask('GET')).body.dump();
    server.off('request', note);
    expect(ports.size).toBe(1);
  });
});

describe('a call', () => {
  test('is refused as often as was said, with Retry-After', async () => {
    proxy.fault({ verb: 'create' }, refusing(429, 'TooManyRequests', { retryAfter: seconds(3) }), {
      times: 1,
    });
    const ask = aClient();
    expect((await ask('GET')).status).toBe(201);
    const asked = seen.length;
    const { status, headers, body } = await ask('POST');
    expect({ status, wait: headers['retry-after'] }).toEqual({ status: 429, wait: '3' });
    expect(await body.json()).toMatchObject({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
    expect(seen).toHaveLength(asked);
    expect((await ask('POST')).status).toBe(201);
  });

  test('is answered by a web page for as long as was said', async () => {
    proxy.fault({}, webPage(503), { lasting: milliseconds(150) });
    const ask = aClient();
    expect((await ask('GET')).status).toBe(503);
    await vi.waitFor(async () => expect((await ask('GET')).status).toBe(201));
  });

  test('meets the latest fault first: a delay before a refusal', async () => {
    proxy.fault({}, refusing(500, 'InternalError'));
    proxy.fault({}, delaying(milliseconds(80)));
    const before = Date.now();
    expect((await aClient()('GET')).status).toBe(500);
    expect(Date.now() - before).toBeGreaterThanOrEqual(75);
  });

  test('is done by the server although its answer is lost', async () => {
    proxy.fault({}, losingTheAnswer());
    const asked = seen.length;
    await expect(aClient()('POST')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toHaveLength(asked + 1);
  });

  test('is met by silence', async () => {
    proxy.fault({}, failing('silence'));
    const asked = seen.length;
    await expect(aClient()('GET', secrets, 100)).rejects.toThrow(/timeout/);
    expect(seen).toHaveLength(asked);
  });

  test('is answered by half', async () => {
    proxy.fault({}, cuttingTheBody);
    const { body } = await aClient()('GET');
    await expect(body.text()).rejects.toThrow();
  });
});

describe('a watch', () => {
  test('tells what the server did not say', async () => {
    const { watch, says } = await openWatch();
    const event = errorEvent(410, 'Expired');
    watch.tell(event);
    await says(event);
    expect(JSON.parse(event)).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410 } });
  });

  test('falls silent without an end, and goes on when it may', async () => {
    const { watch, server, heard, says } = await openWatch();
    const release = watch.withhold();
    server.write('one\n');
    await soon();
    expect(heard).toEqual({ text: '', end: undefined });
    release();
    await says('one\n');
  });

  const rewrites = [
    ['twice', twice, 'a\na\nb\nb\n'],
    ['each with all before it', replaying, 'a\nb\na\n'],
    ['the other way round', swapping(), 'b\na\n'],
    ['not at all', dropping, ''],
  ] as const;
  test.each(rewrites)('that is open tells its lines %s', async (_, rewrite, expected) => {
    const { server, says } = await openWatch();
    proxy.rewrite({ verb: 'watch' }, rewrite);
    server.write('a\nb\n');
    await soon();
    await says(expected);
  });

  test('is cut in the middle of a line', async () => {
    const { server, says, ends } = await openWatch();
    proxy.rewrite({}, cuttingInTheLine('reset'));
    server.write('123456\n');
    await says('123');
    await ends('ECONNRESET');
  });

  test('takes a line that is longer than any buffer', async () => {
    const { watch, heard } = await openWatch();
    watch.tell('x'.repeat(20_000_000));
    await vi.waitFor(() => expect(heard.text).toHaveLength(20_000_000), { timeout: 5000 });
  });
});

describe('connections', () => {
  test('are refused for a while, at the same address, and those that were open break', async () => {
    const { ends } = await openWatch();
    proxy.refuse();
    await ends('ECONNRESET');
    await expect(aClient()('GET')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.mend();
    expect((await aClient()('GET')).status).toBe(201);
  });

  test('are made and come to nothing', async () => {
    proxy.fallDeaf();
    await expect(aClient()('GET')).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
    await proxy.mend();
    expect((await aClient()('GET')).status).toBe(201);
  });

  test('show another certificate from now on, and those that are open stay', async () => {
    const other = await issueLoopbackCertificate(join(dir, 'other'));
    const before = aClient();
    await (await before('GET')).body.dump();
    proxy.present(other);
    expect((await before('GET')).status).toBe(201);
    await expect(aClient()('GET')).rejects.toThrow(/certificate/);
    expect((await aClient(other.caFile)('GET')).status).toBe(201);
    proxy.present(certificate);
  });
});
