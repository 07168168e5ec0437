import type { TenantScope } from '../../api/tenant-scope.ts';
import { selectsNamespace } from '../../domain/tenancy.ts';
import type { Change } from '../../runtime/store.ts';
import type { Kept } from '../../world/kept.ts';
import { allScopes } from '../lookups.ts';
import type { NamespaceRecord, World } from '../world.ts';

/** Whom a change of a TenantScope may concern: names of TenantScopes and of namespaces. */
export interface ScopeReach {
  readonly scopes: readonly string[];
  readonly namespaces: readonly string[];
}

/**
 * The namespaces that it selects or did, and those of TenantScopes with its tenantID, which the oldest has; and every TenantScope of
 * any of these. Each of a hundred tenants would otherwise have each object of the cluster looked at.
 */
export function scopeReach(
  world: Pick<World, 'scopes' | 'namespaces'>,
  { previous, current }: Change<Kept<TenantScope>>,
): ScopeReach {
  const all = allScopes(world);
  const namespaces = [...world.namespaces.store.list()];
  const forms = [previous, current].filter((kept) => kept !== undefined);
  const readable = forms.map(({ object }) => object).filter((object) => object !== undefined);
  // One that cannot be read may be the one of any namespace.
  if (readable.length < forms.length) return named(all, namespaces);

  const tenantIDs = readable.map(({ spec }) => spec.tenantID);
  const rivals = all.filter(({ spec }) => tenantIDs.includes(spec.tenantID));
  const concerned = namespaces.filter((namespace) =>
    [...readable, ...rivals].some((scope) => selects(scope, namespace)),
  );
  const sharing = all.filter((scope) => concerned.some((namespace) => selects(scope, namespace)));
  return named(new Set([...rivals, ...sharing]), concerned);
}

const selects = ({ spec }: TenantScope, { labels }: NamespaceRecord): boolean =>
  selectsNamespace(spec.namespaceSelector, labels);

const named = (scopes: Iterable<TenantScope>, namespaces: Iterable<NamespaceRecord>): ScopeReach => ({
  scopes: Array.from(scopes, ({ metadata }) => metadata.name),
  namespaces: Array.from(namespaces, ({ name }) => name),
});
