import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { namespaceKind, secretKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from '../../src/kube/objects.ts';
import type { ObjectName, ResourceKind } from '../../src/kube/resource-path.ts';
import type { Result } from '../../src/std/result.ts';
import { aSecret, aServiceAccount, forVolumes } from '../e2e/objects.ts';
import { type Manifest, resourceOf } from '../stage/manifests.ts';
import { tenantA, tenantB } from './answers.ts';
import { bindingOf, clientOf } from './scene.ts';

/** Something that A does with objects of its own, beside what it writes into a spec. */
export interface OwnAct {
  readonly what: string;
  /** `own`: it is done, and touches nothing else. `RBAC`, or the policy that refuses it. */
  readonly answer: 'own' | 'RBAC' | 'grantor-reserved-metadata' | 'grantor-own-secrets';
  /** As A; `admin` is there to look up what A could not know. */
  readonly act: (as: KubeClient, admin: KubeClient) => Promise<Result<unknown, KubeFailure>>;
  /** What becomes ready thereby, and is A's. */
  readonly ready?: { readonly kind: 'client' | 'binding'; readonly name: string };
}

const create = (as: KubeClient, manifest: Manifest, metadata: Partial<ObjectMeta> = {}) =>
  as.create(resourceOf(manifest), { ...manifest, metadata: { ...manifest.metadata, ...metadata } });

/** Makes a client with this metadata, and the ServiceAccount that it is for. */
const aClientWith =
  (
    name: string,
    metadata: (admin: KubeClient) => Promise<Partial<ObjectMeta>> | Partial<ObjectMeta>,
  ): OwnAct['act'] =>
  async (as, admin) => {
    const account = await create(as, aServiceAccount(tenantA, name));
    return account.ok ? create(as, clientOf(name), await metadata(admin)) : account;
  };

const patch =
  (kind: ResourceKind, at: ObjectName, metadata: Parameters<KubeClient['patchMetadata']>[2]): OwnAct['act'] =>
  async (as, admin) => {
    const found = await admin.get(kind, at);
    return found.ok ? as.patchMetadata(kind, found.value.metadata, metadata) : found;
  };

const own = (name: string): Required<ObjectName> => ({ namespace: tenantA, name });

/** An owner reference to the binding of B, whose UID A would have to guess. */
async function ownedByB(admin: KubeClient): Promise<{ ownerReferences: readonly OwnerReference[] }> {
  const found = await admin.get<KubeObject>(workloadIdentityBindingKind, {
    namespace: tenantB,
    name: 'victim',
  });
  if (!found.ok) throw new Error(found.error.message);
  const { apiVersion, kind, metadata } = found.value;
  return {
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
  };
}

export const ownActs: readonly OwnAct[] = [
  {
    what: "an OAuthClient by the name of another tenant's",
    answer: 'own',
    act: aClientWith('victim-account', () => ({ name: 'victim' })),
    ready: { kind: 'client', name: 'victim' },
  },
  {
    what: "a binding by the name of another tenant's",
    answer: 'own',
    act: (as) => create(as, bindingOf('victim', { delivery: { secretRef: { name: 'victim-again' } } })),
    ready: { kind: 'binding', name: 'victim' },
  },
  {
    what: 'a binding for volumes alone',
    answer: 'own',
    act: (as) => create(as, bindingOf('mounted', forVolumes)),
    ready: { kind: 'binding', name: 'mounted' },
  },
  {
    what: "an OAuthClient that another tenant's binding owns",
    answer: 'own',
    act: aClientWith('owned', ownedByB),
    ready: { kind: 'client', name: 'owned' },
  },
  {
    what: "a Secret that another tenant's binding owns",
    answer: 'own',
    act: async (as, admin) => create(as, aSecret(tenantA, 'owned'), await ownedByB(admin)),
  },
  {
    what: 'an OAuthClient with our finalizer from the start',
    answer: 'own',
    act: aClientWith('finalized', () => ({ finalizers: ['grantor.dev/registration'] })),
    ready: { kind: 'client', name: 'finalized' },
  },
  {
    what: "an OAuthClient with the labels of another tenant's namespace",
    answer: 'own',
    act: aClientWith('labelled', () => ({ labels: { tenant: tenantB } })),
    ready: { kind: 'client', name: 'labelled' },
  },
  {
    what: 'an OAuthClient with a label of ours',
    answer: 'grantor-reserved-metadata',
    act: aClientWith('reserved', () => ({ labels: { 'grantor.dev/tenant': tenantB } })),
  },
  {
    what: 'an annotation of ours on a binding',
    answer: 'grantor-reserved-metadata',
    act: patch(workloadIdentityBindingKind, own('own'), { annotations: { 'grantor.dev/grant-hash': 'x' } }),
  },
  {
    what: 'a label of ours on a ServiceAccount, which a selector would trust',
    answer: 'grantor-reserved-metadata',
    act: patch(serviceAccountKind, own('own'), { labels: { 'grantor.dev/tier': 'high' } }),
  },
  {
    what: "the labels of its namespace, to those of another tenant's",
    answer: 'RBAC',
    act: patch(namespaceKind, { name: tenantA }, { labels: { tenant: tenantB } }),
  },
  {
    what: 'the status of its own client',
    answer: 'RBAC',
    act: async (as, admin) => {
      const found = await admin.get(oauthClientKind, own('own'));
      return found.ok ? as.applyStatus(oauthClientKind, found.value.metadata, {}) : found;
    },
  },
  {
    what: 'a Secret of one of our types',
    answer: 'grantor-own-secrets',
    act: (as) => create(as, aSecret(tenantA, 'forged', { type: 'grantor.dev/token' })),
  },
  {
    what: 'the content of its own token Secret',
    answer: 'grantor-own-secrets',
    act: async (as) => {
      const found = await as.get<Manifest>(secretKind, own('own-token'));
      return found.ok ? as.replace(secretKind, { ...found.value, data: {} }) : found;
    },
  },
];
