import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  ofTenant,
  withMetadata,
  withSpec,
} from '../../../test/gen/objects.ts';
import type { TenantScope } from '../../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';

/** A binding that was made in this second. */
const binding = (second: number, namespace = 'acme-prod'): WorkloadIdentityBinding =>
  aBinding(
    withMetadata({
      namespace,
      name: `b${second}`,
      uid: `uid-${namespace}-${second}`,
      creationTimestamp: `2026-01-01T00:00:0${second}Z`,
    }),
  );
const namespace = (name: string, tenant?: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: tenant === undefined ? {} : { tenant } },
});
const allowing = (max: number): TenantScope =>
  aTenantScope(withSpec({ bindings: { max }, clients: { ...aTenantScope().spec.clients, max } }));

/** The bindings beyond a quota of two, and those that were said to come within or fall out of it. */
function observe({ environment: { census }, world }: Cluster) {
  const shifted: string[] = [];
  census.onShift((kind, key) => shifted.push(`${kind} ${key}`));
  return {
    shifted,
    beyond: (): string[] =>
      Array.from(world.bindings.store.list())
        .filter(({ object }) => object !== undefined && census.isBeyond('bindings', allowing(2), object))
        .map(({ namespace: home, name }) => `${home}/${name}`)
        .sort(),
  };
}

const gone = ({ world }: Cluster, { metadata }: WorkloadIdentityBinding): void =>
  world.bindings.store.forget(`${metadata.namespace}/${metadata.name}`, metadata.uid);

describe('the quota of a tenant', () => {
  it('counts in all its namespaces, and in no other', () => {
    const cluster = aCluster(
      ...[namespace('acme-prod', 'acme'), namespace('acme-dev', 'acme'), namespace('globex', 'globex')],
      ...[allowing(2), binding(3), binding(1, 'acme-dev'), binding(2), binding(0, 'globex')],
    );
    expect(observe(cluster).beyond()).toEqual(['acme-prod/b3']);
  });

  it('of nothing has nobody within', () => {
    const { census } = aCluster(allowing(0)).environment;
    expect(census.isBeyond('clients', allowing(0), aClient())).toBe(true);
    expect(census.isBeyond('bindings', allowing(0), aBinding())).toBe(true);
  });

  it('tells who comes within it when an older one goes, and nobody else', () => {
    const cluster = aCluster(allowing(2), ...[1, 2, 3, 4].map((second) => binding(second)));
    const { beyond, shifted } = observe(cluster);
    expect(beyond()).toEqual(['acme-prod/b3', 'acme-prod/b4']);
    gone(cluster, binding(4));
    expect(shifted).toEqual([]);
    gone(cluster, binding(1));
    expect(shifted).toEqual(['bindings acme-prod/b3']);
    expect(beyond()).toEqual([]);
  });

  it('tells who falls out of it when a namespace with older ones joins the tenant, and who comes back when it leaves', () => {
    const cluster = aCluster(
      ...[namespace('acme-prod', 'acme'), namespace('acme-dev')],
      ...[allowing(2), binding(2), binding(3), binding(1, 'acme-dev')],
    );
    const { beyond, shifted } = observe(cluster);
    expect(beyond()).toEqual([]);
    cluster.put(namespace('acme-dev', 'acme'));
    expect(shifted).toEqual(['bindings acme-prod/b3']);
    expect(beyond()).toEqual(['acme-prod/b3']);
    cluster.put(namespace('acme-dev'));
    expect(shifted).toEqual(['bindings acme-prod/b3', 'bindings acme-prod/b3']);
    expect(beyond()).toEqual([]);
  });

  it('tells who comes within it also when nobody has asked since a TenantScope changed', () => {
    const cluster = aCluster(allowing(2), ...[1, 2, 3].map((second) => binding(second)));
    const { beyond, shifted } = observe(cluster);
    expect(beyond()).toEqual(['acme-prod/b3']);
    cluster.put(aTenantScope(ofTenant('globex')));
    gone(cluster, binding(1));
    expect(shifted).toEqual(['bindings acme-prod/b3']);
    cluster.put(aTenantScope(ofTenant('globex'), withMetadata({ generation: 2 })));
    cluster.put(binding(1));
    expect(shifted).toEqual(['bindings acme-prod/b3', 'bindings acme-prod/b3']);
    cluster.put(aTenantScope(ofTenant('globex'), withMetadata({ generation: 3 })));
    cluster.put(namespace('acme-prod'));
    expect(beyond()).toEqual([]);
  });

  it('begins anew for an object that was made anew under its name', () => {
    const cluster = aCluster(allowing(2), binding(1), binding(2), binding(3));
    const { beyond, shifted } = observe(cluster);
    expect(beyond()).toEqual(['acme-prod/b3']);
    const again = { uid: 'uid-again', creationTimestamp: '2026-01-01T00:00:09Z' };
    cluster.put(withMetadata<WorkloadIdentityBinding>(again)(binding(1)));
    expect(shifted).toEqual(['bindings acme-prod/b3']);
    expect(beyond()).toEqual(['acme-prod/b1']);
  });

  it('is that of the TenantScopes as they are now', () => {
    const cluster = aCluster(namespace('acme-prod'), allowing(1), binding(1));
    const { census } = cluster.environment;
    expect(census.isBeyond('bindings', allowing(1), binding(9))).toBe(false);
    const selector = withSpec<TenantScope>({ namespaceSelector: { matchLabels: { tenant: 'other' } } });
    cluster.put(aTenantScope(selector, withMetadata({ generation: 2 })));
    cluster.put(namespace('acme-prod', 'other'));
    expect(census.isBeyond('bindings', allowing(1), binding(9))).toBe(true);
  });
});
