import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { change, clientIDs, live, operations, ready } from '../../../test/gen/client-steps.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { seconds } from '../../std/duration.ts';

describe('an answer that cannot be stored at once', () => {
  const record = { namespace: 'grantor-system', name: 'client-uid-billing' };
  const stored = ({ kube }: Cluster) =>
    kube.find<KubeObject & { data: Record<string, string> }>('secrets', record);

  /** Lets something happen to the record while the issuer answers. */
  function meanwhile(
    cluster: Cluster,
    happens: () => void,
    operation: 'register' | 'update' = 'register',
  ): Promise<unknown> {
    const { driver } = cluster;
    const perform = driver[operation].bind(driver) as (...given: unknown[]) => Promise<unknown>;
    const happening = (...given: unknown[]) => {
      Object.assign(driver, { [operation]: perform });
      happens();
      return perform(...given);
    };
    Object.assign(driver, { [operation]: happening });
    const reconciled = cluster.client();
    return cluster.clock.advance(seconds(5)).then(() => reconciled);
  }

  it('is stored over a record that somebody annotated', async () => {
    const cluster = aCluster();
    await meanwhile(cluster, () => {
      const { metadata, ...rest } = stored(cluster) ?? expect.unreachable();
      cluster.kube.put('secrets', {
        ...rest,
        metadata: { ...metadata, annotations: { ...metadata.annotations, a: 'b' } },
      });
    });
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is not taken for the last word where another controller has asked meanwhile: what is wanted is sent again', async () => {
    const cluster = await aReadyCluster();
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await meanwhile(
      cluster,
      () => {
        const { metadata, ...rest } = stored(cluster) ?? expect.unreachable();
        const annotations = {
          ...metadata.annotations,
          'grantor.dev/registered-hash': 'of what another sent',
        };
        cluster.kube.put('secrets', { ...rest, metadata: { ...metadata, annotations } });
      },
      'update',
    );
    await live(cluster);
    // The other one's token is no longer good, so our mark finds the client.
    expect(operations(cluster)).toEqual(['register', 'update', 'update', 'register']);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is taken back at the issuer where no record tells of it any more', async () => {
    const cluster = aCluster();
    await meanwhile(cluster, () => cluster.kube.remove('secrets', record));
    expect(operations(cluster)).toEqual(['register', 'deregister']);
    expect(clientIDs(cluster)).toEqual([]);
  });

  it('is not stored over what another controller was answered meanwhile', async () => {
    const cluster = aCluster();
    await meanwhile(cluster, () => {
      const { data, ...rest } = stored(cluster) ?? expect.unreachable();
      const client_id = Buffer.from('from-another').toString('base64');
      const { metadata } = rest;
      const annotations = { ...metadata.annotations, 'grantor.dev/phase': 'Registered' };
      cluster.kube.put('secrets', {
        ...rest,
        metadata: { ...metadata, annotations },
        data: { ...data, client_id },
      } as KubeObject);
    });
    expect(cluster.secret(record.name, record.namespace)).toMatchObject({ client_id: 'from-another' });
  });
});
