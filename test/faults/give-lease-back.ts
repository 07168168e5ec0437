import type { KubeClient } from '../../src/kube/kube-client.ts';
import { leaseKind } from '../../src/runtime/lease.ts';

/** Takes the lease of a controller that was killed away from it. Nobody has to wait for it: how long that takes is measured elsewhere. */
export async function giveLeaseBack(kube: KubeClient): Promise<void> {
  const lease = { namespace: 'grantor-system', name: 'grantor-controller' };
  const found = await kube.get(leaseKind, lease);
  if (found.ok) await kube.delete(leaseKind, lease, { uid: found.value.metadata.uid });
}
