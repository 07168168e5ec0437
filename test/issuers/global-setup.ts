import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openApi } from '../cluster/api.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { provideCluster, runDirectory } from '../cluster/global-setup.ts';
import { acquireCluster } from '../cluster/target.ts';
import type { Report } from '../provision/progress.ts';
import { ensureHydra } from './hydra-program.ts';
import { ensureKeycloak } from './keycloak-distribution.ts';
import { type Keycloak, startKeycloak } from './start-keycloak.ts';

/** What the tests of one run share; null is what cannot be had on this machine. Hydra starts so fast that each file has one of its own. */
export interface ProvidedIssuers {
  readonly keycloak: Keycloak | null;
  /** Its program. */
  readonly hydra: string | null;
}

declare module 'vitest' {
  export interface ProvidedContext {
    issuers: ProvidedIssuers;
  }
}

const report = (line: string): void => console.log(`[issuers] ${line}`);

/** A control plane whose keys an authorization server can fetch, and a Keycloak that trusts it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { dir, remove } = runDirectory('issuers');
  await using takeDown = new AsyncDisposableStack();
  takeDown.defer(remove);
  const options = { dir: join(dir, 'cluster'), report, namedByAddress: true };
  const cluster = takeDown.adopt(await acquireCluster(options), ({ release }) => release());
  if (cluster.controlPlane !== undefined) await publishKeys(cluster.kubeconfig);
  provideCluster(project, cluster);

  const missing: string[] = [];
  /** Null, with a line for the person, where it cannot be had; one that is had and doesn't start is no excuse. */
  const had = async <T>(ensure: (report: Report) => Promise<T>): Promise<T | null> =>
    ensure(report).catch((error: Error) => {
      missing.push(error.message);
      return null;
    });
  const hydra = await had(ensureHydra);
  let keycloak: Keycloak | null = null;
  if ((await had(ensureKeycloak)) !== null) {
    const tls = await issueLoopbackCertificate(join(dir, 'tls'));
    const trusts = cluster.controlPlane === undefined ? [] : [cluster.controlPlane.caFile];
    const { stop, url, caFile } = await startKeycloak({ dir: join(dir, 'keycloak'), report, tls, trusts });
    takeDown.defer(stop);
    keycloak = { url, caFile, tls };
  }
  project.provide('issuers', { keycloak, hydra });

  const sayWhatIsMissing = (): void => {
    for (const line of missing) report(`its tests are skipped: ${line}`);
  };
  sayWhatIsMissing();
  const all = takeDown.move();
  return async () => {
    // Once more, where it is read.
    sayWhatIsMissing();
    await all.disposeAsync();
  };
}

/** As an administrator allows it where authorization servers are outside of the cluster: anybody may read its public keys. */
async function publishKeys(kubeconfig: string): Promise<void> {
  const api = openApi(kubeconfig);
  const { status } = await api.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'public-service-account-keys' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:service-account-issuer-discovery',
    },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
  });
  await api.close();
  if (status !== 201) throw new Error(`the cluster's keys could not be published: ${status}`);
}
