import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { TestStage } from '../e2e/use-stage.ts';
import { applyManifests, parseManifests } from '../stage/manifests.ts';

/** Who tries something. */
export interface People {
  /** May do everything: of the group `system:masters`. */
  readonly admin: KubeClient;
  readonly controller: KubeClient;
  /** May edit everything in the namespace of the tenant, and the namespace itself: more than a tenant should. */
  readonly tenant: KubeClient;
  readonly garbageCollector: KubeClient;
}

export const tenantNamespace = 'admission';

// Nothing aggregates here, without a controller manager: what `edit` would hold is bound by hand.
const rights = `
apiVersion: v1
kind: Namespace
metadata: { name: ${tenantNamespace}, labels: { tenant: ${tenantNamespace} } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: admission-test-namespace }
rules:
  - { apiGroups: [""], resources: [namespaces], resourceNames: [${tenantNamespace}], verbs: [get, update, patch] }
${['system:aggregate-to-edit', 'system:aggregate-to-view', 'grantor-edit', 'admission-test-namespace']
  .map(
    (role) => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: "${role}", namespace: ${tenantNamespace} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "${role}" }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: a-tenant }]
`,
  )
  .join('')}`;

/** Makes the tenant's namespace and rights, and a client for each of these people. */
export async function meetPeople({ kube, asController, controlPlane }: TestStage): Promise<People> {
  await applyManifests(kube, parseManifests(rights));
  const connectAs = async (user: string): Promise<KubeClient> =>
    createKubeClient({
      config: await loadKubeconfig(await controlPlane.kubeconfigFor(user), systemClock),
      clock: systemClock,
      userAgent: 'grantor-admission-test',
      fieldManager: user,
    });
  return {
    admin: kube,
    controller: asController,
    tenant: await connectAs('a-tenant'),
    garbageCollector: await connectAs('system:serviceaccount:kube-system:generic-garbage-collector'),
  };
}
