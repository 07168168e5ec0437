import { expect, test } from 'vitest';
import { recordingTracer } from '../../test/fakes/recording-tracer.ts';
import type { CallContext } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, ok } from '../std/result.ts';
import type { Tracer } from '../std/tracer.ts';
import { failureOf } from './classify.ts';
import type { HttpRequest } from './http.ts';
import { issuerFetch } from './issuer-fetch.ts';

const call: CallContext = {
  signal: new AbortController().signal,
  correlationID: 'request-1',
  tenantID: 'acme',
};
const named = 'https://issuer.example/token';

/** A fetch, with what it would have sent and for whom. */
function aFetch(end?: IssuerFailure, tracer?: Tracer) {
  const sent: HttpRequest[] = [];
  const tenants: string[] = [];
  const fetch = issuerFetch(
    {
      permits: (url) => url === named,
      http: {
        send: async (request) => {
          sent.push(request);
          request.answered?.(503);
          return end === undefined ? ok(new Response('{}')) : err(end);
        },
        close: async () => {},
      },
      governor: {
        run: (tenantID, _signal, task) => {
          tenants.push(tenantID);
          return task();
        },
        close: () => {},
      },
      tracer,
    },
    call,
    'token request',
  );
  return { fetch, sent, tenants };
}

test.each([
  ['https://evil.example/token', 'POST'],
  ['https://issuer.example/token/', 'POST'],
  ['http://issuer.example/token', 'POST'],
  [named, 'TRACE'],
])('rule 4: nothing is sent to %s by %s, which discovery does not name', async (url, method) => {
  const { fetch, sent } = aFetch();
  await expect(fetch(url, { method })).rejects.toThrow(/does not name/);
  expect(sent).toEqual([]);
});

test('a form goes out on behalf of the tenant, with the correlation id', async () => {
  const { fetch, sent, tenants } = aFetch();
  const headers = new Headers({ accept: 'application/json' });
  await fetch(named, { method: 'POST', headers, body: new URLSearchParams({ scope: 'a b' }) });
  expect(sent).toEqual([
    {
      what: 'token request',
      url: named,
      method: 'POST',
      answer: 'json',
      headers: { accept: 'application/json', 'x-request-id': 'request-1' },
      body: 'scope=a+b',
      answered: expect.any(Function),
    },
  ]);
  expect(tenants).toEqual(['acme']);
});

test('a failure comes through as it was', async () => {
  const failure: IssuerFailure = { kind: 'throttled', detail: 'later' };
  const { fetch } = aFetch(failure);
  const thrown: unknown = await fetch(named, { method: 'POST' }).catch((error: unknown) => error);
  expect(failureOf(thrown, 'token request')).toBe(failure);
});

test('a trace hears of where it went and how it ended, and the issuer which trace it is', async () => {
  const tracer = recordingTracer();
  const { fetch, sent } = aFetch({ kind: 'unavailable', detail: 'made-up-body-of-an-answer' }, tracer);
  await fetch(named, { method: 'POST', headers: { authorization: 'Bearer made-up-bearer' } }).catch(() => {});
  expect(sent[0]?.headers).toMatchObject({ 'x-request-id': 'request-1', traceparent: 'of this span' });
  expect(tracer.ended).toEqual([
    {
      title: 'POST token request',
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 503,
        'server.address': 'issuer.example',
        'server.port': 443,
        'grantor.tenant': 'acme',
        'grantor.correlation_id': 'request-1',
        'error.type': 'unavailable',
      },
    },
  ]);
});
