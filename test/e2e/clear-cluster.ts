import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { oauthIssuerKind } from '../../src/api/oauth-issuer.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { leaseKind } from '../../src/runtime/lease.ts';
import { secretKind } from './objects.ts';

type AnySecret = KubeObject & { readonly type?: string };

/** Leaves nothing of ours behind for the next test file; namespaces stay, since nothing here could remove them. */
export async function clearCluster(kube: KubeClient): Promise<void> {
  for (const kind of [workloadIdentityBindingKind, oauthClientKind, tenantScopeKind, oauthIssuerKind]) {
    await removeAll(kube, kind);
  }
  await removeAll<AnySecret>(kube, secretKind, ({ type, metadata }) => {
    return type?.startsWith('grantor.dev/') === true || metadata.namespace !== 'grantor-system';
  });
  await removeAll(kube, leaseKind, ({ metadata }) => metadata.name === 'grantor-controller');
}

export async function listAll<T extends KubeObject>(
  kube: KubeClient,
  kind: ResourceKind,
): Promise<Stored<T>[]> {
  const all: Stored<T>[] = [];
  for await (const page of kube.list<T>(kind)) {
    if (!page.ok) throw new Error(page.error.message);
    all.push(...page.value.items);
  }
  return all;
}

async function removeAll<T extends KubeObject>(
  kube: KubeClient,
  kind: ResourceKind,
  which: (object: Stored<T>) => boolean = () => true,
): Promise<void> {
  const objects = (await listAll<T>(kube, kind)).filter(which);
  await inBatches(objects, async ({ metadata }) => {
    await kube.delete(kind, metadata, { uid: metadata.uid });
    if (!metadata.finalizers?.length) return;
    // Whoever waits for it has had no reason to hurry: the issuer of this file goes next.
    // The controller may write at the same time; the next file gives the same name to another.
    for (;;) {
      const left = await kube.get(kind, metadata);
      if (!left.ok || left.value.metadata.uid !== metadata.uid) return;
      await kube.patchMetadata(kind, left.value.metadata, { finalizers: [] });
    }
  });
}

/** A few at a time, so that a thousand objects are neither slow nor a flood. */
async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 20) await Promise.all(items.slice(at, at + 20).map(work));
}
