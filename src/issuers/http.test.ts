import { afterAll, describe, expect, test } from 'vitest';
import { startConnectProxy } from '../../test/fakes/connect-proxy.ts';
import { answer, json, startQuirkyIssuer } from '../../test/fakes/quirky-issuer.ts';
import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { ProxySettings } from '../std/proxy.ts';
import { createHttp, type Http, type HttpRequest } from './http.ts';

const issuer = await startQuirkyIssuer();
const https: Http[] = [];
afterAll(async () => {
  await Promise.all(https.map((http) => http.close()));
  await issuer.close();
});

function anHttp(proxy?: ProxySettings): Http {
  const limits = { concurrency: 4, timeout: seconds(2) };
  const http = createHttp({
    limits,
    clock: systemClock,
    caBundle: issuer.caBundle,
    ...(proxy ? { proxy } : {}),
  });
  https.push(http);
  return http;
}

const never = new AbortController().signal;
const aRequest = (path: string, request: Partial<HttpRequest> = {}): HttpRequest => ({
  what: 'test',
  url: issuer.identifier + path,
  method: 'GET',
  headers: {},
  answer: 'json',
  ...request,
});

test('requests after one another share connections', async () => {
  const ports = new Set<number | undefined>();
  issuer.quirk('/port', (exchange) => {
    ports.add(exchange.response.socket?.remotePort);
    json(exchange, 200, {});
  });
  const http = anHttp();
  for (let n = 0; n < 50; n += 1)
    expect(await http.send(aRequest('/port'), never)).toMatchObject({ ok: true });
  // undici opens a second one when a request follows on the heels of an answer.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test('asks for no compression and names itself without a version', async () => {
  issuer.quirk('/headers', answer(200, {}));
  await anHttp().send(aRequest('/headers'), never);
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'grantor' };
  expect(issuer.requests.at(-1)).toMatchObject({ headers });
});

describe('as JSON passes', () => {
  test.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['APPLICATION/JSON', true],
    ['application/jwk-set+json', true],
    ['text/json', false],
    ['application/jsonp', false],
    ['text/html; note=application/json', false],
    ['', false],
  ])('%s: %s', async (type, passes) => {
    issuer.quirk('/type', answer(200, {}, { 'content-type': type }));
    expect((await anHttp().send(aRequest('/type'), never)).ok).toBe(passes);
  });
});

test('exactly 64 KiB are read, one byte more is too long', async () => {
  const body = (length: number): string => JSON.stringify('x'.repeat(length - 2));
  issuer.quirk('/long', answer(200, body(64 * 1024)));
  expect(await anHttp().send(aRequest('/long'), never)).toMatchObject({ ok: true });
  issuer.quirk('/long', answer(200, body(64 * 1024 + 1)));
  expect(await anHttp().send(aRequest('/long'), never)).toMatchObject({
    ok: false,
    error: { kind: 'malformed' },
  });
});

test('a status that is none is no answer', async () => {
  issuer.quirk(
    '/status',
    ({ response }) => void response.socket?.end('HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n'),
  );
  expect(await anHttp().send(aRequest('/status'), never)).toMatchObject({ ok: false });
});

test('goes through a proxy, which sees the host and nothing else, unless the host is excepted', async () => {
  const proxy = await startConnectProxy();
  const httpsProxy = proxy.url.href;
  issuer.quirk('/proxied', answer(200, {}));
  // A name that only the proxy knows.
  const url = `${issuer.identifier.replace('127.0.0.1', 'issuer.invalid')}/proxied`;

  expect(await anHttp({ httpsProxy }).send(aRequest('', { url }), never)).toMatchObject({ ok: true });
  expect(proxy.tunnels.map((tunnel) => tunnel.url)).toEqual([new URL(url).host]);
  const excepted = await anHttp({ httpsProxy, noProxy: '.invalid' }).send(aRequest('', { url }), never);
  expect(excepted).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
  expect(await anHttp({ httpsProxy }).send(aRequest('/proxied'), never)).toMatchObject({ ok: true });
  expect(proxy.tunnels).toHaveLength(1);
  await proxy.close();
});
