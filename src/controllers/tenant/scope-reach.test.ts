import { describe, expect, it } from 'vitest';
import { aCluster } from '../../../test/gen/a-cluster.ts';
import { aTenantScope, type Change, ofTenant, withMetadata, withSpec } from '../../../test/gen/objects.ts';
import type { TenantScope } from '../../api/tenant-scope.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Kept } from '../../world/kept.ts';
import { scopeReach } from './scope-reach.ts';

const namespace = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const scope = (name: string, ...changes: readonly Change<TenantScope>[]): TenantScope =>
  aTenantScope(ofTenant(name), ...changes);
const kept = (object: TenantScope): Kept<TenantScope> => ({
  ...{ ...object.metadata, namespace: '' },
  ...{ object, malformed: undefined },
});

const world = (...scopes: readonly TenantScope[]) =>
  aCluster(
    ...scopes,
    namespace('acme-prod', { tenant: 'acme', stage: 'prod' }),
    namespace('acme-test', { tenant: 'acme' }),
    namespace('beta-prod', { tenant: 'beta', stage: 'prod' }),
    namespace('free', {}),
  ).world;

const reach = (
  previous: TenantScope | undefined,
  current: TenantScope | undefined,
  ...others: TenantScope[]
) =>
  scopeReach(world(...others, ...(current ? [current] : [])), {
    key: 'acme',
    previous: previous && kept(previous),
    current: current && kept(current),
  });

describe('a change of a TenantScope concerns', () => {
  const acme = scope('acme');
  const beta = scope('beta');

  it('the namespaces that it selects, and nothing of another tenant', () => {
    const suspended = scope('acme', withSpec({ suspend: true }));
    expect(reach(acme, suspended, beta)).toEqual({
      scopes: ['acme'],
      namespaces: ['acme-prod', 'acme-test'],
    });
  });

  it('those that it no longer selects, and whoever selects them now', () => {
    const smaller = scope('acme', withSpec({ namespaceSelector: { matchLabels: { stage: 'prod' } } }));
    expect(reach(acme, smaller, beta)).toEqual({
      scopes: ['acme', 'beta'],
      namespaces: ['acme-prod', 'acme-test', 'beta-prod'],
    });
    expect(reach(acme, undefined, beta)).toEqual({ scopes: [], namespaces: ['acme-prod', 'acme-test'] });
  });

  it('those of a TenantScope that had or has the same tenantID', () => {
    const second = scope(
      'second',
      ofTenant('acme'),
      withMetadata({ name: 'second', uid: 'uid-second' }),
      withSpec({ namespaceSelector: { matchLabels: { stage: 'prod' } } }),
    );
    expect(
      reach(
        scope('acme', withSpec({ namespaceSelector: { matchLabels: { no: 'such' } } })),
        undefined,
        second,
      ),
    ).toEqual({
      scopes: ['second'],
      namespaces: ['acme-prod', 'beta-prod'],
    });
  });

  it('everything, while one form of it cannot be read', () => {
    const malformed = { metadata: acme.metadata, problem: 'unknown field' };
    const unreadable = { ...kept(acme), object: undefined, malformed };
    const found = scopeReach(world(acme, beta), { key: 'acme', previous: unreadable, current: kept(acme) });
    expect(found.namespaces).toEqual(['acme-prod', 'acme-test', 'beta-prod', 'free']);
  });
});
