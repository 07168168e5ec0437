import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { serviceAccountKind } from '../../src/kube/core-kinds.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { aTenant, aWorkload, forVolumes } from '../../test/e2e/objects.ts';
import { unsignedPodToken } from '../../test/kubelet/pod-token.ts';
import type { AskedVolume } from '../../test/kubelet/test-kubelet.ts';
import { inFlight } from '../../test/stage/in-flight.ts';
import { applyManifests } from '../../test/stage/manifests.ts';
import { startController } from '../controller-process.ts';
import type { Scene } from '../scene.ts';

type Binding = KubeObject & { readonly status?: { readonly grant?: object } };

const tenants = 11;
const podsOfEach = 10;
const lifetime = '24h';
export const volumes = tenants * podsOfEach;

/** As many pods as a kubelet takes by default, in eleven namespaces, ten for each binding; a controller has granted these. */
export async function grantAll(scene: Scene): Promise<void> {
  const names = Array.from({ length: tenants }, (_, n) => `pods-${n}`);
  for (const tenant of names) {
    await applyManifests(
      scene.kube,
      aTenant(tenant, { issuers: ['stub'], tokens: { maxLifetime: lifetime } }),
    );
    const client = {
      issuerRef: { name: 'stub' },
      accessTokenLifetime: lifetime,
      roles: [],
      clientID: tenant,
    };
    await applyManifests(scene.kube, aWorkload(tenant, 'api', { client, binding: forVolumes }));
  }
  const controller = await startController(scene);
  await inFlight(tenants, names, async (namespace) => {
    for (const giveUp = Date.now() + 60_000; ; ) {
      const binding = await scene.kube.get<Binding>(workloadIdentityBindingKind, { namespace, name: 'api' });
      if (binding.ok && binding.value.status?.grant !== undefined) return;
      if (Date.now() > giveUp) throw new Error(`${namespace}/api is not granted: ${JSON.stringify(binding)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  await controller.program.end();
}

/** What the kubelet asks for, of each pod one volume. */
export async function askedVolumes({ kube, stub }: Scene, kubelet: string): Promise<readonly AskedVolume[]> {
  const asked: AskedVolume[] = [];
  for (let tenant = 0; tenant < tenants; tenant++) {
    const namespace = `pods-${tenant}`;
    const account = await kube.get(serviceAccountKind, { namespace, name: 'api' });
    if (!account.ok) throw new Error(account.error.message);
    for (let n = 0; n < podsOfEach; n++) {
      const pod = { namespace, name: `web-${n}`, uid: crypto.randomUUID(), serviceAccountName: 'api' };
      asked.push({
        volumeID: `csi-${pod.uid.replaceAll('-', '').padEnd(64, '0')}`,
        targetPath: `${kubelet}/pods/${pod.uid}/volumes/kubernetes.io~csi/token/mount`,
        pod,
        attributes: { binding: 'api' },
        fsGroup: '2000',
        tokens: { [stub.url]: unsignedPodToken(pod, account.value.metadata, stub.url) },
      });
    }
  }
  return asked;
}
