import { decode } from '../../src/api/decode.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { readDelivered } from '../../src/delivery/token-secret.ts';
import { tenancyOf } from '../../src/domain/tenancy.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { Duration } from '../../src/std/duration.ts';
import { between, type Instant } from '../../src/std/instant.ts';
import { resourceOf } from '../stage/manifests.ts';

/** What the table shows of one binding, read from the objects as anybody can read them. */
export interface BindingView {
  readonly namespace: string;
  readonly name: string;
  readonly tenant: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  /** Why it is refused, if it is. */
  readonly refusal: string;
  readonly expiresIn: Duration | undefined;
  /** Tokens delivered in this series; one less is how often it was rotated. */
  readonly generation: number;
}

/** Reads all bindings with their Secrets' metadata; never a token. */
export async function readBindings(kube: KubeClient): Promise<BindingView[]> {
  const [bindings, secrets, namespaces, scopes] = await Promise.all([
    listAll(kube, workloadIdentityBindingKind),
    listAll(kube, resourceOf({ apiVersion: 'v1', kind: 'Secret' }), 'type=grantor.dev/token'),
    listAll(kube, resourceOf({ apiVersion: 'v1', kind: 'Namespace' })),
    listAll(kube, tenantScopeKind),
  ]);
  const delivered = new Map(
    secrets.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, readDelivered(metadata)]),
  );
  const tenantScopes = scopes.flatMap((raw) => {
    const decoded = decode(tenantScopeKind, raw);
    return decoded.ok ? [decoded.value] : [];
  });
  const tenantOf = (namespace: string): string => {
    const home = namespaces.find(({ metadata }) => metadata.name === namespace);
    const facts = home && { name: namespace, labels: home.metadata.labels ?? {}, terminating: false };
    const tenancy = tenancyOf(facts, tenantScopes, 'grantor-system');
    return tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : '';
  };
  const now = systemClock.now();
  return bindings.flatMap((raw) => {
    const decoded = decode(workloadIdentityBindingKind, raw);
    if (!decoded.ok) return [];
    const { metadata, spec, status } = decoded.value;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const allowed = status?.conditions?.find(({ type }) => type === 'Allowed');
    const token = delivered.get(`${metadata.namespace}/${spec.delivery?.secretRef.name}`);
    return [
      {
        namespace: metadata.namespace,
        name: metadata.name,
        tenant: tenantOf(metadata.namespace),
        ready: ready?.status ?? 'Unknown',
        reason: ready?.reason ?? 'Pending',
        refusal: allowed?.status === 'False' ? allowed.message : '',
        expiresIn: token && until(token.expiresAt, now),
        generation: token?.generation ?? 0,
      },
    ];
  });
}

const until = (at: Instant, now: Instant): Duration => between(now, at);

async function listAll(kube: KubeClient, kind: ResourceKind, fieldSelector?: string): Promise<Stored[]> {
  const all: Stored[] = [];
  const metadataOnly = kind.kind === 'Secret';
  for await (const page of kube.list(kind, {
    metadataOnly,
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  })) {
    if (!page.ok) throw new Error(page.error.message);
    all.push(...page.value.items);
  }
  return all;
}
