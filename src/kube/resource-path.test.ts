import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretKind as secrets } from './core-kinds.ts';
import { collectionPath, objectPath, type ResourceKind } from './resource-path.ts';

const scopes: ResourceKind = {
  group: 'grantor.dev',
  version: 'v1',
  plural: 'tenantscopes',
  kind: 'TenantScope',
  namespaced: false,
};

describe('rule 7: a path', () => {
  test.each([
    [objectPath(secrets, { namespace: 'a', name: 'b' }), '/api/v1/namespaces/a/secrets/b'],
    [objectPath(scopes, { name: 'b' }, 'status'), '/apis/grantor.dev/v1/tenantscopes/b/status'],
    [collectionPath(secrets), '/api/v1/secrets'],
    [collectionPath(secrets, 'a'), '/api/v1/namespaces/a/secrets'],
  ])('is the API server’s: %#', (result, path) => {
    expect(result).toEqual({ ok: true, value: path });
  });

  test.each([
    ['a dot segment', objectPath(secrets, { namespace: 'a', name: '..' })],
    ['an empty name', objectPath(secrets, { namespace: 'a', name: '' })],
    ['a missing namespace', objectPath(secrets, { name: 'b' })],
    ['a namespace too many', objectPath(scopes, { namespace: 'a', name: 'b' })],
    ['half a character', objectPath(secrets, { namespace: 'a', name: '\ud800' })],
  ])('is refused: %s', (_, result) => {
    expect(result).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });

  test('has as many segments as it should, and gives the names back, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (namespace, name) => {
        const path = objectPath(secrets, { namespace, name });
        if (!path.ok) return;
        const { pathname, search, hash } = new URL(path.value, 'https://server');
        expect(search + hash).toBe('');
        const segments = pathname.split('/').map(decodeURIComponent);
        expect(segments).toEqual(['', 'api', 'v1', 'namespaces', namespace, 'secrets', name]);
      }),
    );
  });
});
