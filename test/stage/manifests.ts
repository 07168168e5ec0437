import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kinds } from '../../src/api/kinds.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import { apiVersionOf, type ResourceKind } from '../../src/kube/resource-path.ts';

/** Any object of a manifest, as it was written. */
export type Manifest = KubeObject & { readonly spec?: object; readonly data?: object };

const kind = (group: string, plural: string, name: string, namespaced = true): ResourceKind => ({
  group,
  version: 'v1',
  plural,
  kind: name,
  namespaced,
});
const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

const knownKinds: readonly ResourceKind[] = [
  ...kinds,
  kind('', 'namespaces', 'Namespace', false),
  kind('', 'serviceaccounts', 'ServiceAccount'),
  kind('', 'secrets', 'Secret'),
  kind('', 'pods', 'Pod'),
  kind('', 'configmaps', 'ConfigMap'),
  kind(rbac, 'clusterroles', 'ClusterRole', false),
  kind(rbac, 'clusterrolebindings', 'ClusterRoleBinding', false),
  kind(rbac, 'roles', 'Role'),
  kind(rbac, 'rolebindings', 'RoleBinding'),
  kind(admission, 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', false),
  kind(admission, 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', false),
  kind('storage.k8s.io', 'csidrivers', 'CSIDriver', false),
  kind('apps', 'daemonsets', 'DaemonSet'),
  kind('apps', 'deployments', 'Deployment'),
  kind('policy', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  kind('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
  kind('apiextensions.k8s.io', 'customresourcedefinitions', 'CustomResourceDefinition', false),
];

/** The resource that a manifest is an object of. */
export function resourceOf(manifest: Pick<KubeObject, 'apiVersion' | 'kind'>): ResourceKind {
  const found = knownKinds.find(
    (known) => known.kind === manifest.kind && apiVersionOf(known) === manifest.apiVersion,
  );
  if (found === undefined)
    throw new Error(`no resource is known for ${manifest.apiVersion} ${manifest.kind}`);
  return found;
}

/** The manifests of a YAML text. */
export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  });

/** The manifests of a file, or of all files of a folder in the order of their names. */
export function readManifests(path: string): Manifest[] {
  if (path.endsWith('.yaml')) return parseManifests(readFileSync(path, 'utf8'));
  return readdirSync(path)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => readManifests(join(path, name)));
}

/** Applies manifests in their order, and answers with what is stored. Throws with the server's sentence when one is refused. */
export async function applyManifests(kube: KubeClient, manifests: readonly Manifest[]): Promise<Stored[]> {
  const stored: Stored[] = [];
  for (const manifest of manifests) {
    const applied = await kube.apply(resourceOf(manifest), manifest);
    if (!applied.ok) throw new Error(`${manifest.kind} ${manifest.metadata.name}: ${applied.error.message}`);
    stored.push(applied.value);
  }
  return stored;
}
