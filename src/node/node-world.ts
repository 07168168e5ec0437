import { oauthClientKind } from '../api/oauth-client.ts';
import { type OAuthIssuer, oauthIssuerKind } from '../api/oauth-issuer.ts';
import { tenantScopeKind } from '../api/tenant-scope.ts';
import {
  type WorkloadIdentityBinding,
  workloadIdentityBindingKind,
} from '../api/workload-identity-binding.ts';
import type { SeenClient, SeenScope, VolumeFacts } from '../domain/volume-facts.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { createInformer, type Informer, type InformerOptions } from '../runtime/informer.ts';
import { jointMetrics } from '../runtime/informer-metrics.ts';
import { createInformerSet, type InformerSet } from '../runtime/informer-set.ts';
import { listWatchOf } from '../runtime/list-watch.ts';
import { keyOf, type StoreRecord, splitKey } from '../runtime/store.ts';
import { earliest, instantOf } from '../std/instant.ts';
import { identityOf, type Kept, keep } from '../world/kept.ts';

export type ClientRecord = StoreRecord & SeenClient;
export type ScopeRecord = StoreRecord & SeenScope;

/** What decisions about volumes rest on: issuers and tenants of the whole cluster, and what is in the namespaces that are served. */
export interface NodeWorld {
  readonly issuers: Informer<Kept<OAuthIssuer>>;
  readonly scopes: Informer<ScopeRecord>;
  readonly clients: InformerSet<ClientRecord>;
  readonly bindings: InformerSet<Kept<WorkloadIdentityBinding>>;
}

export type NodeWorldEnvironment = Pick<
  InformerOptions<StoreRecord, never>,
  'clock' | 'rng' | 'log' | 'metrics'
>;

/** Sets up the informers. Nothing is read of a namespace before it is followed. */
export function createNodeWorld(
  kube: Pick<KubeClient, 'list' | 'watch'>,
  environment: NodeWorldEnvironment,
): NodeWorld {
  const metrics = { clients: jointMetrics(environment.metrics), bindings: jointMetrics(environment.metrics) };
  return {
    issuers: createInformer({
      ...environment,
      name: 'oauthissuers',
      listWatch: listWatchOf(kube, oauthIssuerKind),
      transform: keep(oauthIssuerKind),
    }),
    scopes: createInformer({
      ...environment,
      name: 'tenantscopes',
      listWatch: listWatchOf(kube, tenantScopeKind),
      transform: scopeRecord,
    }),
    clients: createInformerSet({
      name: 'oauthclients',
      create: (namespace) =>
        createInformer({
          ...environment,
          metrics: metrics.clients(),
          name: 'oauthclients',
          listWatch: listWatchOf(kube, oauthClientKind, { namespace }),
          transform: clientRecord,
        }),
    }),
    bindings: createInformerSet({
      name: 'workloadidentitybindings',
      create: (namespace) =>
        createInformer({
          ...environment,
          metrics: metrics.bindings(),
          name: 'workloadidentitybindings',
          listWatch: listWatchOf(kube, workloadIdentityBindingKind, { namespace }),
          transform: keep(workloadIdentityBindingKind),
        }),
    }),
  };
}

const versionOf = ({ metadata: { name, uid, generation = 0 } }: Stored) => ({ name, uid, generation });

/** Little is read of these two, and that little whatever the rest of them says. */
function clientRecord(
  raw: Stored<KubeObject & { readonly status?: { readonly tokensRevokedAt?: unknown } }>,
): ClientRecord {
  const { tokensRevokedAt } = raw.status ?? {};
  return {
    ...identityOf(raw),
    metadata: versionOf(raw),
    ...(typeof tokensRevokedAt === 'string' ? { status: { tokensRevokedAt } } : {}),
  };
}

const scopeRecord = (
  raw: Stored<KubeObject & { readonly spec?: { readonly suspend?: unknown } }>,
): ScopeRecord => ({
  ...identityOf(raw),
  metadata: versionOf(raw),
  spec: { suspend: raw.spec?.suspend === true },
});

/** What is seen of a volume's binding and of all that it was granted by. */
export type View = Pick<
  VolumeFacts,
  'binding' | 'client' | 'issuer' | 'scope' | 'unreadable' | 'synced' | 'heardAt'
>;

/** Reads the caches for everything that the cluster says about one volume. */
export function viewOf(
  { issuers, scopes, clients, bindings }: NodeWorld,
  namespace: string,
  bindingName: string,
): View {
  const parts = [issuers, scopes, clients.in(namespace), bindings.in(namespace)];
  const { object: binding, malformed } = bindings.store.get(keyOf(namespace, bindingName)) ?? {};
  const sources = binding?.status?.grant?.derivedFrom;
  const issuer = sources && issuers.store.get(sources.issuer.name);
  return {
    binding,
    client: binding && clients.store.get(keyOf(namespace, binding.spec.clientRef.name)),
    issuer: issuer?.object,
    scope: sources && scopes.store.get(sources.tenantScope.name),
    // What is wrong with an OAuthIssuer is nothing for its tenants.
    unreadable: malformed?.problem ?? (issuer?.malformed ? 'the OAuthIssuer cannot be read' : undefined),
    synced: parts.every((part) => part?.hasSynced() === true),
    heardAt: earliest(...parts.map((part) => part?.heardAt() ?? instantOf(0))),
  };
}

/** The issuer of this identifier, as it is now. */
export const issuerOf = (
  { issuers }: Pick<NodeWorld, 'issuers'>,
  identifier: string,
): OAuthIssuer | undefined =>
  Array.from(issuers.store.list(), ({ object }) => object).find(
    (issuer) => issuer?.spec.issuer === identifier,
  );

/**
 * Calls `changed` when something may be decided otherwise for the volumes of a namespace, or of all. Call it before the informers run. What
 * it returns sets the namespaces to follow.
 */
export function watchWorld(
  { issuers, scopes, clients, bindings }: NodeWorld,
  changed: (namespace?: string) => void,
): (namespaces: ReadonlySet<string>) => void {
  for (const informer of [issuers, scopes]) {
    informer.onChange(() => changed());
    void informer.synced.then(() => changed());
  }
  const sets = [clients, bindings];
  for (const set of sets) set.onChange(({ key }) => changed(splitKey(key).namespace));
  let followed: ReadonlySet<string> = new Set();
  return (namespaces) => {
    for (const set of sets) set.follow(namespaces);
    for (const namespace of namespaces) {
      if (followed.has(namespace)) continue;
      for (const set of sets) void set.in(namespace)?.synced.then(() => changed(namespace));
    }
    followed = namespaces;
  };
}
