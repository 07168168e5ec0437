import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { beginsList, followedBy, matches, readApiRequest } from './api-request.ts';

const read = (method: string, url: string) =>
  readApiRequest({ method, url, headers: { 'user-agent': 'grantor/1' } } as unknown as IncomingMessage);

describe('a request in the words of the audit log', () => {
  const rows: readonly [method: string, url: string, words: string][] = [
    ['GET', '/api/v1/namespaces?limit=5', 'list namespaces'],
    ['GET', '/api/v1/namespaces?watch=true', 'watch namespaces'],
    ['GET', '/api/v1/namespaces/kube-system', 'get namespaces kube-system'],
    ['PUT', '/api/v1/namespaces/mine/finalize', 'update namespaces/finalize mine'],
    ['POST', '/api/v1/namespaces/mine/serviceaccounts/api/token', 'create serviceaccounts/token mine/api'],
    ['GET', '/api/v1/namespaces/mine/secrets', 'list secrets mine/'],
    ['DELETE', '/api/v1/namespaces/mine/secrets/token', 'delete secrets mine/token'],
    [
      'PATCH',
      '/apis/grantor.dev/v1alpha1/namespaces/mine/oauthclients/api/status',
      'patch oauthclients/status mine/api',
    ],
    ['GET', '/apis/grantor.dev/v1alpha1/oauthissuers?watch=true', 'watch oauthissuers'],
    ['GET', '/.well-known/openid-configuration', 'other '],
    ['GET', '/api/v1', 'other '],
  ];
  test.each(rows)('%s %s is %s', (method, url, words) => {
    const { verb, resource, subresource, namespace, name } = read(method, url);
    const target = [resource, subresource].filter(Boolean).join('/');
    const object = namespace === '' ? name : `${namespace}/${name}`;
    expect([verb, target, ...(object === '' ? [] : [object])].join(' ')).toBe(words);
  });
});

test('a match is by every field that it names', () => {
  const request = read('GET', '/api/v1/namespaces/mine/secrets/token');
  expect(matches(request, {})).toBe(true);
  expect(matches(request, { verb: 'get', resource: 'secrets', namespace: 'mine' })).toBe(true);
  expect(matches(request, { verb: 'get', namespace: 'yours' })).toBe(false);
  expect(matches(request, { verb: 'get', where: ({ userAgent }) => userAgent === 'kubectl' })).toBe(false);
});

test('a list begins with its first page, or as a watch that tells first what is there', () => {
  expect(beginsList(read('GET', '/api/v1/secrets?limit=500'))).toBe(true);
  expect(beginsList(read('GET', '/api/v1/secrets?limit=500&continue=x'))).toBe(false);
  expect(beginsList(read('GET', '/api/v1/secrets?watch=true&resourceVersion=5'))).toBe(false);
  expect(beginsList(read('GET', '/api/v1/secrets?watch=true&sendInitialEvents=true'))).toBe(true);
});

test('reflectors of one resource differ by their selection', () => {
  expect(followedBy(read('GET', '/api/v1/secrets?fieldSelector=type%3Da'))).toBe('secrets?type=a');
  expect(followedBy(read('GET', '/api/v1/namespaces?watch=true'))).toBe('namespaces');
});
