import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aBinding, aTenantScope, forVolumes, withMetadata, withSpec } from '../../../test/gen/objects.ts';
import { hours } from '../../std/duration.ts';

const ready = (cluster: Cluster): string => cluster.condition('workloadidentitybindings', 'billing-api');
const changed = withMetadata<ReturnType<typeof aBinding>>({ generation: 2 });

describe('a binding without a Secret', () => {
  it('costs one write, and no token: neither of its ServiceAccount nor of the issuer', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    const before = cluster.driver.calls.length;
    await cluster.binding();
    await cluster.clock.advance(hours(1));
    await cluster.binding();
    expect(cluster.kube.writes).toEqual(['applyStatus workloadidentitybindings acme-prod/billing-api']);
    expect(cluster.driver.calls.slice(before)).toEqual([]);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('that had one loses it, and gets it back with its name', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    cluster.put(aBinding(forVolumes, changed));
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(ready(cluster)).toContain('True Ready');
    cluster.put(aBinding(withMetadata({ generation: 3 })));
    await cluster.binding();
    expect(cluster.secret('billing-token')?.['token']).toBe(cluster.driver.issued.at(-1)?.token.reveal());
  });

  it('loses its grant at once when the tenant is suspended', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    await cluster.binding();
    expect(granted(cluster)).toMatchObject({ deliveries: ['Volume', 'Secret'] });
    cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true })));
    await cluster.binding();
    expect(granted(cluster)).toBeUndefined();
    expect(ready(cluster)).toContain('False Suspended');
  });
});

const granted = (cluster: Cluster) =>
  cluster.world.bindings.store.get('acme-prod/billing-api')?.object?.status?.grant;
