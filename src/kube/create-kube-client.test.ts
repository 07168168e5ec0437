import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { collect } from '../../test/fakes/collect.ts';
import { systemClock } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import { Secret } from '../std/secret.ts';
import type { AccessSource } from './cluster-config.ts';
import { secretKind as secrets } from './core-kinds.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeClient } from './kube-client.ts';

const at = { namespace: 'n', name: 'a' };
const object = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...at, uid: 'u', resourceVersion: '7' },
};

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A client of a server that answers as `answer` does, and the requests that the server has seen. */
async function connect(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  access: AccessSource = tokens('t'),
): Promise<{ client: KubeClient; seen: IncomingMessage[]; sockets: Set<unknown> }> {
  const seen: IncomingMessage[] = [];
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    seen.push(request);
    sockets.add(request.socket);
    answer(request, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = createKubeClient({
    config: { server: url, namespace: 'default', access },
    clock: systemClock,
    userAgent: 'grantor/1.2.3',
    fieldManager: 'grantor',
  });
  closers.push(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, seen, sockets };
}

/** Presents the first token, and the next after each 401. */
function tokens(...list: readonly string[]): AccessSource {
  let at = 0;
  const access = () => Promise.resolve({ authorization: new Secret(`Bearer ${list[at]}`) });
  return {
    access,
    renew() {
      at = Math.min(at + 1, list.length - 1);
      return access();
    },
  };
}

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

describe('a call', () => {
  test('says who it is, and that unknown fields are errors', async () => {
    const { client, seen } = await connect((_, response) => json(response, 201, object));
    expect(await client.create(secrets, object)).toEqual({ ok: true, value: object });
    expect(seen[0]?.url).toBe('/api/v1/namespaces/n/secrets?fieldManager=grantor&fieldValidation=Strict');
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'grantor/1.2.3', authorization: 'Bearer t' });
  });

  test('uses connections again', async () => {
    const { client, sockets, seen } = await connect((_, response) => json(response, 200, object));
    for (let i = 0; i < 10; i += 1) await client.get(secrets, at);
    expect(seen).toHaveLength(10);
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  test('renews the token after a 401 and tries once more', async () => {
    const { client, seen } = await connect(
      ({ headers }, response) =>
        headers.authorization === 'Bearer new' ? json(response, 200, object) : json(response, 401, {}),
      tokens('old', 'new'),
    );
    expect((await client.get(secrets, at)).ok).toBe(true);
    expect((await client.get(secrets, at)).ok).toBe(true);
    expect(seen).toHaveLength(3);
  });

  test('gives up on a token that is refused twice', async () => {
    const { client, seen } = await connect((_, response) => json(response, 401, {}));
    expect(await client.get(secrets, at)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
    expect(seen).toHaveLength(2);
  });

  const date = 'Wed, 25 Nov 2026 10:00:00 GMT';
  test.each([
    [429, { 'retry-after': '7' }, 'throttled', 7_000],
    [503, { 'retry-after': '7' }, 'unavailable', 7_000],
    [500, { 'retry-after': '7' }, 'unavailable', 7_000],
    [503, { 'retry-after': 'Wed, 25 Nov 2026 10:00:20 GMT', date }, 'unavailable', 20_000],
    [429, { 'retry-after': 'soon' }, 'throttled', undefined],
    [429, {}, 'throttled', undefined],
  ])(
    'passes on how long the server wants to be left alone: %i %o',
    async (status, headers, kind, retryAfter) => {
      const { client } = await connect((_, response) => json(response, status, {}, headers));
      const watch = client.watch(secrets, { resourceVersion: '7', lasting: seconds(300) });
      for (const answer of await Promise.all([client.get(secrets, at), watch])) {
        if (answer.ok) throw new Error('not refused');
        expect([answer.error.kind, answer.error.retryAfter]).toEqual([kind, retryAfter]);
      }
    },
  );

  test.each([
    ['never answers', () => {}],
    ['answers half', (_: unknown, response: ServerResponse) => void response.writeHead(200).write('{"meta')],
  ])('ends at its deadline when the server %s', async (_, answer) => {
    const { client } = await connect(answer);
    expect(await client.get(secrets, at, { timeout: milliseconds(50) })).toEqual({
      ok: false,
      error: { kind: 'unavailable', message: 'GET /api/v1/namespaces/n/secrets/a: no answer within 0s' },
    });
  });

  test('ends at its deadline while its credentials are still being fetched', async () => {
    const { client } = await connect(() => {}, { ...tokens('t'), access: () => new Promise(() => {}) });
    expect(await client.get(secrets, at, { timeout: milliseconds(50) })).toMatchObject({ ok: false });
  });

  test('ends when its caller stops waiting', async () => {
    const { client } = await connect(() => {});
    const result = await client.get(secrets, at, { signal: AbortSignal.timeout(20) });
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('stopped waiting') },
    });
  });

  test.each([
    ['no JSON', '<html>', 'not JSON'],
    ['no object', '[]', 'without identity'],
    ['an object without a version', '{"metadata":{"name":"a","uid":"u"}}', 'without identity'],
  ])('is a failure, not a crash, when the answer is %s', async (_, body, message) => {
    const { client } = await connect((_, response) => response.end(body));
    const result = await client.get(secrets, at);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'malformed', message: expect.stringContaining(message) },
    });
  });

  test('reads no body without end', async () => {
    const { client } = await connect((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pump);
      pump();
    });
    expect(await client.get(secrets, at)).toMatchObject({ ok: false, error: { kind: 'tooLarge' } });
  });

  test('says that nobody listens', async () => {
    const { client } = await connect(() => {});
    for (const close of closers.splice(0)) await close();
    expect((await client.get(secrets, at)).ok).toBe(false);
  });

  test('is never a PUT without its precondition', async () => {
    const { client, seen } = await connect((_, response) => json(response, 200, object));
    const blind = { ...object, metadata: { ...object.metadata, resourceVersion: '' } };
    expect(await client.replace(secrets, blind)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(seen).toHaveLength(0);
  });
});

describe('a list', () => {
  test('follows the pages, fills in what items lack, and leaves out what has no identity', async () => {
    const { client, seen } = await connect(({ url }, response) => {
      const isFirst = !url?.includes('continue=');
      const { apiVersion: _, kind: __, ...item } = object;
      const metadata = { resourceVersion: '9', ...(isFirst ? { continue: 'a/b&c' } : {}) };
      json(response, 200, { metadata, items: isFirst ? [item] : [item, { metadata: {} }, null] });
    });
    const pages = await collect(client.list(secrets, { namespace: 'n', labelSelector: 'a=b', pageSize: 1 }));
    expect(pages).toEqual([
      { ok: true, value: { items: [object], resourceVersion: '9', malformed: 0 } },
      { ok: true, value: { items: [object], resourceVersion: '9', malformed: 2 } },
    ]);
    expect(seen[1]?.url).toBe('/api/v1/namespaces/n/secrets?labelSelector=a%3Db&limit=1&continue=a%2Fb%26c');
  });

  test('may be empty, as Go writes it', async () => {
    const { client } = await connect((_, response) =>
      json(response, 200, { metadata: { resourceVersion: '9' }, items: null }),
    );
    const page = { items: [], resourceVersion: '9', malformed: 0 };
    expect(await collect(client.list(secrets))).toEqual([{ ok: true, value: page }]);
  });

  test('ends with the failure of a page', async () => {
    const { client } = await connect((_, response) =>
      json(response, 410, { kind: 'Status', reason: 'Expired' }),
    );
    expect(await collect(client.list(secrets))).toMatchObject([{ ok: false, error: { kind: 'gone' } }]);
  });
});

describe('a watch', () => {
  const watch = (client: KubeClient, signal?: AbortSignal) =>
    client.watch(secrets, { resourceVersion: '7', lasting: seconds(300), signal });

  test('asks for bookmarks and an end, and outlives the deadline of a call', async () => {
    const { client, seen } = await connect((_, response) => {
      response.flushHeaders();
      setTimeout(() => response.end(`${JSON.stringify({ type: 'ADDED', object })}\n`), 150);
    });
    const options = { resourceVersion: '7', lasting: seconds(300), timeout: milliseconds(100) };
    const stream = await client.watch(secrets, options);
    expect(stream.ok && (await collect(stream.value))).toEqual([
      { ok: true, value: { type: 'ADDED', object } },
    ]);
    expect(seen[0]?.url).toBe(
      '/api/v1/secrets?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300',
    );
  });

  test('ends when its signal aborts, and does not take a connection from calls', async () => {
    const { client } = await connect(({ url }, response) =>
      url?.includes('watch') ? response.flushHeaders() : json(response, 200, object),
    );
    const stop = new AbortController();
    const streams = await Promise.all(Array.from({ length: 40 }, () => watch(client, stop.signal)));
    expect((await client.get(secrets, at)).ok).toBe(true);
    stop.abort();
    for (const stream of streams) expect(stream.ok && (await collect(stream.value)).length).toBe(1);
  });

  test('is a failure when the connection breaks in the middle', async () => {
    const { client } = await connect((_, response) => {
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
      setTimeout(() => response.destroy(), 20);
    });
    const stream = await watch(client);
    const events = stream.ok ? await collect(stream.value) : [];
    expect(events).toMatchObject([{ ok: true }, { ok: false, error: { kind: 'unavailable' } }]);
  });

  test('that is refused says why', async () => {
    const { client } = await connect((_, response) =>
      json(response, 403, { kind: 'Status', message: 'you may not' }),
    );
    expect(await watch(client)).toMatchObject({
      ok: false,
      error: { kind: 'forbidden', message: 'you may not' },
    });
  });
});
