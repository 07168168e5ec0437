import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { TestStage } from '../e2e/use-stage.ts';
import { applyManifests, type Manifest, parseManifests } from '../stage/manifests.ts';
import { nodeUser } from '../stage/stage.ts';

/** Who tries something. */
export interface People {
  /** May do everything: of the group `system:masters`. */
  readonly admin: KubeClient;
  readonly controller: KubeClient;
  /** May edit everything in the namespace of the tenant, and the namespace itself: more than a tenant should. */
  readonly tenant: KubeClient;
  readonly garbageCollector: KubeClient;
  /** The plug-in of a node. */
  readonly node: KubeClient;
}

export const tenantNamespace = 'admission';

/** What `edit` would hold in a namespace: nothing aggregates here, without a controller manager. */
export const editing = ['system:aggregate-to-edit', 'system:aggregate-to-view', 'grantor-edit'];

/** Gives a user these roles in a namespace. */
export const roleBindings = (user: string, namespace: string, roles: readonly string[]): Manifest[] => {
  const apiGroup = 'rbac.authorization.k8s.io';
  return roles.map((name) => ({
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  }));
};

/** A client with the rights of a user and no others. */
export const connectAs = async ({ controlPlane }: TestStage, user: string): Promise<KubeClient> =>
  createKubeClient({
    config: await loadKubeconfig(await controlPlane.kubeconfigFor(user), systemClock),
    clock: systemClock,
    userAgent: 'grantor-admission-test',
    fieldManager: user,
  });

const namespaceAndRole = `
apiVersion: v1
kind: Namespace
metadata: { name: ${tenantNamespace}, labels: { tenant: ${tenantNamespace} } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: admission-test-namespace }
rules:
  - { apiGroups: [""], resources: [namespaces], resourceNames: [${tenantNamespace}], verbs: [get, update, patch] }
`;

/** Makes the tenant's namespace and rights, and a client for each of these people. */
export async function meetPeople(stage: TestStage): Promise<People> {
  const roles = [...editing, 'admission-test-namespace'];
  const rights = [...parseManifests(namespaceAndRole), ...roleBindings('a-tenant', tenantNamespace, roles)];
  await applyManifests(stage.kube, rights);
  return {
    admin: stage.kube,
    controller: stage.asController,
    tenant: await connectAs(stage, 'a-tenant'),
    garbageCollector: await connectAs(stage, 'system:serviceaccount:kube-system:generic-garbage-collector'),
    node: await connectAs(stage, nodeUser),
  };
}
