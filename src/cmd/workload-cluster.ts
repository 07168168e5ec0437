import type { Environment } from '../controllers/environment.ts';
import { readClusterKeys } from '../controllers/issuer/cluster-keys.ts';
import type { WorkloadCluster } from '../issuers/hydra/trust.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { err, ok } from '../std/result.ts';

/** This cluster, as an issuer is told of it that is given its keys. */
export const workloadCluster = (
  kube: Pick<KubeClient, 'getPath'>,
  { clusterID, serviceAccountIssuer }: Pick<Environment, 'clusterID' | 'serviceAccountIssuer'>,
): WorkloadCluster => ({
  id: clusterID,
  issuer: serviceAccountIssuer,
  async keys() {
    const keys = await readClusterKeys(kube);
    // Nobody asked the issuer anything.
    return keys.ok ? ok(keys.value) : err({ kind: 'unavailable', sent: false, detail: keys.error.message });
  },
});
