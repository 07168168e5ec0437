import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { portOf } from '../../test/fakes/port-of.ts';
import { recordingTracer } from '../../test/fakes/recording-tracer.ts';
import { systemClock } from '../std/clock.ts';
import { minutes } from '../std/duration.ts';
import { Secret } from '../std/secret.ts';
import { secretKind as secrets } from './core-kinds.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeClient } from './kube-client.ts';

const at = { namespace: 'acme', name: 'made-up-name' };

let status: number;
let headers: IncomingHttpHeaders;
const server = createServer((request, response) => {
  headers = request.headers;
  const metadata = { ...at, uid: 'u', resourceVersion: '7' };
  response.writeHead(status).end(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata }));
});
let client: KubeClient;
let tracer: ReturnType<typeof recordingTracer>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  tracer = recordingTracer();
  const access = () => Promise.resolve({ authorization: new Secret('Bearer made-up-bearer'), headers: {} });
  const config = {
    server: new URL(`http://127.0.0.1:${portOf(server)}`),
    namespace: 'n',
    access: { access, renew: access },
  };
  client = createKubeClient({
    config,
    clock: systemClock,
    userAgent: 'grantor',
    fieldManager: 'grantor',
    tracer,
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each([
  [200, {}],
  [404, { 'error.type': 'notFound' }],
  [503, { 'error.type': 'unavailable' }],
])('a call that is answered %i is told by what it is about, without a name', async (answered, more) => {
  status = answered;
  await client.get(secrets, at);
  expect(headers).toMatchObject({ traceparent: 'of this span', authorization: 'Bearer made-up-bearer' });
  const template = '/api/v1/namespaces/{namespace}/secrets/{name}';
  expect(tracer.ended).toEqual([
    {
      title: `GET ${template}`,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': answered,
        'url.template': template,
        'k8s.namespace.name': 'acme',
        'server.address': '127.0.0.1',
        'server.port': portOf(server),
        ...more,
      },
    },
  ]);
  await client.close();
});

test('a watch, which lasts for minutes, is no span and carries no trace', async () => {
  status = 404;
  await client.watch(secrets, {
    resourceVersion: '7',
    lasting: minutes(5),
    signal: new AbortController().signal,
  });
  expect(tracer.ended).toEqual([]);
  expect(headers).not.toHaveProperty('traceparent');
  await client.close();
});
