import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { vanish } from '../../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import { seconds } from '../../std/duration.ts';

/** The garbage collector takes the owner off, as it does for `kubectl delete --cascade=orphan`. */
function orphan(cluster: Cluster, name: string): void {
  const secret = cluster.kube.find('secrets', { namespace: 'acme-prod', name });
  if (secret === undefined) throw new Error(`there is no Secret ${name}`);
  cluster.put({ ...secret, metadata: { ...secret.metadata, ownerReferences: [] } });
}

const withSecret = aClient(
  withMetadata({ finalizers: [] }),
  withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }),
  withStatus({}),
);
const anyLogin = aTenantScope(
  withSpec({ clients: { ...aTenantScope().spec.clients, authentication: ['Secret'] } }),
);

describe('a Secret of ours that lost its owner reference', () => {
  it('goes with its binding all the same', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    orphan(cluster, 'billing-token');
    cluster.kube.remove('workloadidentitybindings', { namespace: 'acme-prod', name: 'billing-api' });
    cluster.restart();
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
  });

  it('goes with its client all the same', async () => {
    const cluster = await aReadyCluster(withSecret, anyLogin);
    orphan(cluster, 'credentials');
    vanish(cluster);
    await cluster.client();
    expect(cluster.secret('credentials')).toBeUndefined();
  });

  it('does not outlive a withdrawal', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    orphan(cluster, 'billing-token');
    cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true })));
    await cluster.client();
    for (let look = 0; look < 3; look++) {
      await cluster.binding();
      await cluster.clock.advance(seconds(1));
    }
    expect(cluster.secret('billing-token')).toBeUndefined();
  });

  it('is renewed in its place while its binding lives, and has its owner again', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    orphan(cluster, 'billing-token');
    await cluster.clock.advance(seconds(7 * 60));
    await cluster.binding();
    const secret = cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'billing-token' });
    expect(secret?.metadata.ownerReferences).toEqual([expect.objectContaining({ name: 'billing-api' })]);
    expect(cluster.driver.issued).toHaveLength(2);
  });
});
