import { describe, expect, it } from 'vitest';
import { secretKind as secrets } from './core-kinds.ts';
import { templateOf } from './path-template.ts';
import { collectionPath, objectPath, type ResourceKind } from './resource-path.ts';

const issuers: ResourceKind = {
  group: 'grantor.dev',
  version: 'v1alpha1',
  plural: 'oauthissuers',
  kind: 'OAuthIssuer',
  namespaced: false,
};
const pathOf = (path: ReturnType<typeof objectPath>): string => (path.ok ? path.value : path.error.message);

describe('the template of a path', () => {
  it.each([
    [
      'an object',
      objectPath(secrets, { namespace: 'a', name: 'b' }),
      '/api/v1/namespaces/{namespace}/secrets/{name}',
    ],
    ['a collection', collectionPath(secrets, 'a'), '/api/v1/namespaces/{namespace}/secrets'],
    ['all of a kind', collectionPath(secrets), '/api/v1/secrets'],
    [
      'a status',
      objectPath(issuers, { name: 'b' }, 'status'),
      '/apis/grantor.dev/v1alpha1/oauthissuers/{name}/status',
    ],
    [
      'an object that is called as part of a path is',
      objectPath(secrets, { namespace: 'namespaces', name: 'secrets' }, 'token'),
      '/api/v1/namespaces/{namespace}/secrets/{name}/token',
    ],
  ])('has of %s the kind, and no name', (_, path, template) => {
    expect(templateOf(pathOf(path)).template).toBe(template);
  });

  it('has a namespace itself for an object without one', () => {
    expect(templateOf('/api/v1/namespaces/acme')).toEqual({ template: '/api/v1/namespaces/{name}' });
  });

  it('says which namespace it is in', () => {
    expect(templateOf('/api/v1/namespaces/acme/secrets/b').namespace).toBe('acme');
    expect(templateOf('/openid/v1/jwks')).toEqual({ template: '/openid/v1/jwks' });
  });
});
