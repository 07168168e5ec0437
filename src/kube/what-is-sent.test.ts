import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { portOf } from '../../test/fakes/port-of.ts';
import { systemClock } from '../std/clock.ts';
import { minutes, seconds } from '../std/duration.ts';
import { Secret } from '../std/secret.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeClient } from './kube-client.ts';
import type { ResourceKind } from './resource-path.ts';

const kind: ResourceKind = { group: 'g', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };
const at = { namespace: 'n', name: 'a' };
const identity = { uid: 'u', resourceVersion: '7' };
const thing = { apiVersion: 'g/v1', kind: 'Thing', metadata: { ...at, ...identity } };
const path = '/apis/g/v1/namespaces/n/things';

interface Sent {
  readonly what: { readonly line: string; readonly query: Record<string, string>; readonly body: unknown };
  readonly headers: IncomingHttpHeaders;
}

let sent: Sent[];
let client: KubeClient;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { pathname, searchParams } = new URL(`http://x${request.url}`);
    const line = `${request.method} ${pathname}`;
    const query = Object.fromEntries(searchParams);
    sent.push({
      what: { line, query, body: body === '' ? undefined : JSON.parse(body) },
      headers: request.headers,
    });
    response.end(JSON.stringify(thing));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const access = () =>
    Promise.resolve({ authorization: new Secret('Bearer t'), headers: { 'impersonate-user': 'me' } });
  client = createKubeClient({
    config: {
      server: new URL(`http://127.0.0.1:${portOf(server)}`),
      namespace: 'n',
      access: { access, renew: access },
    },
    clock: systemClock,
    userAgent: 'grantor/1.2.3',
    fieldManager: 'grantor',
  });
});
beforeEach(() => {
  sent = [];
});
afterAll(async () => {
  await client.close();
  server.close();
});

const json = 'application/json';
const write = { fieldManager: 'grantor', fieldValidation: 'Strict' };
const apply = { ...write, force: 'true' };
const watching = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '7', timeoutSeconds: '300' };

test.each<
  [
    name: string,
    call: () => unknown,
    line: string,
    query: object,
    contentType: string | undefined,
    body: unknown,
  ]
>([
  ['get', () => client.get(kind, at), `GET ${path}/a`, {}, undefined, undefined],
  [
    'list',
    () => client.list(kind, { labelSelector: 'a=b', fieldSelector: 'c=d' }).next(),
    'GET /apis/g/v1/things',
    { labelSelector: 'a=b', fieldSelector: 'c=d', limit: '500' },
    undefined,
    undefined,
  ],
  [
    'watch',
    () => client.watch(kind, { namespace: 'n', resourceVersion: '7', lasting: seconds(300) }),
    `GET ${path}`,
    watching,
    undefined,
    undefined,
  ],
  ['create', () => client.create(kind, thing), `POST ${path}`, write, json, thing],
  ['replace', () => client.replace(kind, thing), `PUT ${path}/a`, write, json, thing],
  [
    'patchMetadata',
    () => client.patchMetadata(kind, { ...at, ...identity }, { finalizers: ['f'] }),
    `PATCH ${path}/a`,
    write,
    'application/merge-patch+json',
    { metadata: { ...identity, finalizers: ['f'] } },
  ],
  ['apply', () => client.apply(kind, thing), `PATCH ${path}/a`, apply, 'application/apply-patch+yaml', thing],
  [
    'applyStatus',
    () => client.applyStatus(kind, { ...at, resourceVersion: '7' }, { ready: true }),
    `PATCH ${path}/a/status`,
    apply,
    'application/apply-patch+yaml',
    { apiVersion: 'g/v1', kind: 'Thing', metadata: { ...at, resourceVersion: '7' }, status: { ready: true } },
  ],
  [
    // A deletion has no field manager: nothing of the object remains to have been written by someone.
    'delete',
    () => client.delete(kind, at, { ...identity, propagation: 'Foreground' }),
    `DELETE ${path}/a`,
    {},
    json,
    { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: identity, propagationPolicy: 'Foreground' },
  ],
  [
    // Nor has a TokenRequest, of which nothing is stored.
    'requestToken',
    () => client.requestToken(at, { uid: 'u', audiences: ['x'], expiration: minutes(10) }),
    'POST /api/v1/namespaces/n/serviceaccounts/a/token',
    { fieldValidation: 'Strict' },
    json,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { uid: 'u' },
      spec: { audiences: ['x'], expirationSeconds: 600 },
    },
  ],
])('%s', async (_, call, line, query, contentType, body) => {
  await call();
  expect(sent.map(({ what }) => what)).toEqual([{ line, query, body }]);
  expect(sent[0]?.headers).toMatchObject({
    'user-agent': 'grantor/1.2.3',
    authorization: 'Bearer t',
    accept: json,
    'impersonate-user': 'me',
  });
  expect(sent[0]?.headers['content-type']).toBe(contentType);
});

test.each([
  ['list', () => client.list(kind, { metadataOnly: true }).next(), 'PartialObjectMetadataList'],
  [
    'watch',
    () => client.watch(kind, { resourceVersion: '7', lasting: seconds(300), metadataOnly: true }),
    'PartialObjectMetadata',
  ],
])('%s of metadata only', async (_, call, as) => {
  await call();
  expect(sent[0]?.headers.accept).toBe(`application/json;as=${as};g=meta.k8s.io;v=v1`);
});

test('getPath, which takes JSON that is called by another name too', async () => {
  await client.getPath('/openid/v1/jwks');
  expect(sent.map(({ what }) => what.line)).toEqual(['GET /openid/v1/jwks']);
  expect(sent[0]?.headers).toMatchObject({
    accept: 'application/json, application/jwk-set+json',
    'user-agent': 'grantor/1.2.3',
    authorization: 'Bearer t',
    'impersonate-user': 'me',
  });
});
