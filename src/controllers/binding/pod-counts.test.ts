import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aBinding, forVolumes, withMetadata } from '../../../test/gen/objects.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';

interface CountedBinding extends KubeObject {
  readonly status?: { readonly pods?: number };
}

const putPod = (cluster: Cluster, name: string, namespace = 'acme-prod'): void =>
  void cluster.kube.put('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      serviceAccountName: 'billing',
      volumes: [
        { name: 't', csi: { driver: 'csi.grantor.dev', volumeAttributes: { binding: 'billing-api' } } },
      ],
    },
  } as KubeObject);
const told = (cluster: Cluster): number | undefined =>
  cluster.kube.find<CountedBinding>('workloadidentitybindings', {
    namespace: 'acme-prod',
    name: 'billing-api',
  })?.status?.pods;
/** The pause between two looks is part of a look. */
const look = async (cluster: Cluster) => {
  const looking = cluster.pods();
  await cluster.clock.advance(minutes(1));
  const outcome = await looking;
  await cluster.binding();
  return outcome;
};

describe('the pods of a binding for volumes', () => {
  it('are counted, and their number is written when it changes', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    for (const name of ['one', 'two', 'three']) putPod(cluster, name);
    putPod(cluster, 'elsewhere', 'globex');
    await look(cluster);
    expect(told(cluster)).toBe(3);
    cluster.kube.writes.length = 0;
    await look(cluster);
    expect(cluster.kube.writes).toEqual([]);
    cluster.kube.remove('pods', { namespace: 'acme-prod', name: 'two' });
    await look(cluster);
    expect([told(cluster), cluster.kube.writes.length]).toEqual([2, 1]);
  });

  it('are looked at once in a minute at the most, whatever wakes it', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    const first = cluster.pods();
    await cluster.clock.advance(seconds(1));
    expect(await first).toEqual({ kind: 'again', after: minutes(1) });
    putPod(cluster, 'one');
    expect(await cluster.pods()).toMatchObject({ kind: 'again' });
    await cluster.binding();
    expect(told(cluster)).toBe(0);
    await cluster.clock.advance(minutes(1));
    await look(cluster);
    expect(told(cluster)).toBe(1);
  });

  it('are looked at more rarely the more there are', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    for (let n = 0; n < 1000; n++) putPod(cluster, `pod-${n}`);
    expect(await look(cluster)).toEqual({ kind: 'again', after: seconds(102) });
  });

  it('are as many as they were for a controller that has just started, and cost no write', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    putPod(cluster, 'one');
    await look(cluster);
    cluster.restart();
    cluster.kube.writes.length = 0;
    await cluster.binding();
    await look(cluster);
    expect([told(cluster), cluster.kube.writes]).toEqual([1, []]);
  });

  it('are nothing to a binding with a Secret: nobody lists them, and the status says none', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    putPod(cluster, 'one');
    await look(cluster);
    cluster.put(aBinding(withMetadata({ generation: 2 })));
    expect(await cluster.pods()).toEqual({ kind: 'done' });
    await cluster.binding();
    expect(told(cluster)).toBeUndefined();
  });
});
