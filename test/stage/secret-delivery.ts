import { join } from 'node:path';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { type Manifest, readManifests, resourceOf } from './manifests.ts';

const role = 'grantor-secret-delivery';
const secret = { apiVersion: 'v1', kind: 'Secret' };

/** Whether a manifest binds Secret delivery in all namespaces. */
export const bindsEverywhere = ({ kind, metadata }: Manifest): boolean =>
  kind === 'ClusterRoleBinding' && metadata.name === role;

/** What binds it in one namespace, as the chart does. */
export function bindingIn(namespace: string): Manifest {
  const everywhere = readManifests(join(import.meta.dirname, '../../deploy')).find(bindsEverywhere);
  if (everywhere === undefined) throw new Error(`there is no ClusterRoleBinding ${role}`);
  return { ...everywhere, kind: 'RoleBinding', metadata: { name: role, namespace } };
}

/** Waits until the policy on the controller's Secrets refuses one of a foreign type: until then nobody looks at what it writes. */
export async function secretsPolicyInForce({
  kube,
  asController,
}: {
  readonly kube: KubeClient;
  readonly asController: KubeClient;
}): Promise<void> {
  const metadata = { namespace: 'grantor-system', name: 'grantor-stage' };
  const giveUp = Date.now() + 20_000;
  for (;;) {
    const made = await asController.create(resourceOf(secret), { ...secret, metadata });
    if (!made.ok && made.error.message.includes('ValidatingAdmissionPolicy')) return;
    if (made.ok) await kube.delete(resourceOf(secret), metadata, { uid: made.value.metadata.uid });
    if (Date.now() > giveUp) throw new Error('the policy on Secrets is not in force');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
