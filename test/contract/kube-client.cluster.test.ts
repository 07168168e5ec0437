import { fieldManager } from '../../src/delivery/other-hands.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { collect } from '../fakes/collect.ts';
import { applyManifests, parseManifests } from '../stage/manifests.ts';
import { describeKubeClient } from './kube-client.ts';
import { expectOk, namespaces, widgets } from './kube-client-data.ts';

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.contract.example }
spec:
  group: contract.example
  scope: Namespaced
  names: { kind: Widget, listKind: WidgetList, plural: widgets, singular: widget }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, x-kubernetes-preserve-unknown-fields: true }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;

describeKubeClient('the client before a real API server', async () => {
  const namespace = `kube-contract-${systemRng.uuid().slice(0, 8)}`;
  const config = await loadKubeconfig(testKubeconfig(), systemClock);
  const named = (fieldManager: string): KubeClient =>
    createKubeClient({ config, clock: systemClock, userAgent: 'grantor/test', fieldManager });
  const [client, other] = [named(fieldManager), named('somebody-else')];
  await applyManifests(client, parseManifests(definition));
  await served(client);
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  expectOk(await client.create(namespaces, object));
  return {
    client,
    other,
    namespace,
    pass: async (time) => void (await sleep(systemClock, time)),
    async close() {
      const { metadata } = expectOk(await client.get(namespaces, { name: namespace }));
      await client.delete(namespaces, { name: namespace }, { uid: metadata.uid });
      await Promise.all([client.close(), other.close()]);
    },
  };
});

/** A custom resource can be used a moment after its definition was accepted. */
async function served(client: KubeClient): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [page] = await collect(client.list(widgets));
    if (page?.ok) return;
    await sleep(systemClock, milliseconds(100));
  }
  throw new Error('the kind of the contract was not served in 10 s');
}
