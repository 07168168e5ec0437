import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { openKindsServer } from '../api/api-server.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { describeKubeClient } from './kube-client.ts';
import { expectOk, namespaces } from './kube-client-data.ts';

describeKubeClient('the client before a real API server', async () => {
  const namespace = `kube-contract-${systemRng.uuid().slice(0, 8)}`;
  const kinds = await openKindsServer(testKubeconfig(), [namespace]);
  const client = createKubeClient({
    config: await loadKubeconfig(testKubeconfig(), systemClock),
    clock: systemClock,
    userAgent: 'grantor/test',
    fieldManager: 'contract',
  });
  return {
    client,
    namespace,
    pass: async (time) => void (await sleep(systemClock, time)),
    async close() {
      const { metadata } = expectOk(await client.get(namespaces, { name: namespace }));
      await client.delete(namespaces, { name: namespace }, { uid: metadata.uid });
      await client.close();
      await kinds.close();
    },
  };
});
