import type { TenantScope } from '../api/tenant-scope.ts';
import { elderThan } from './eldest.ts';
import { type LabelSelector, type Labels, labelsSatisfy, requirementsOf } from './labels.ts';
import { type Violation, violation } from './violation.ts';

/** Which tenant a namespace belongs to. Only `tenant` gives any right. */
export type Tenancy =
  | { readonly kind: 'tenant'; readonly scope: TenantScope }
  | { readonly kind: 'none' }
  | { readonly kind: 'overlap'; readonly names: readonly string[] }
  /** Its TenantScope is void, since an older one has the same tenantID. */
  | { readonly kind: 'taken'; readonly scope: TenantScope };

/** What is known of a namespace. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly terminating: boolean;
}

/** Whether a selector chooses a namespace with these labels. One without any requirement chooses none. */
export const selectsNamespace = (selector: LabelSelector, labels: Labels): boolean =>
  requirementsOf(selector).length > 0 && labelsSatisfy(selector, labels);

/** Namespaces that no TenantScope can reach: Kubernetes' own and the one Grantor runs in. */
export const isReservedNamespace = (name: string, ownNamespace: string): boolean =>
  name.startsWith('kube-') || name === ownNamespace;

/** An older TenantScope with the same tenantID, which makes this one void. */
export const tenantIDHolder = (scope: TenantScope, all: Iterable<TenantScope>): TenantScope | undefined =>
  elderThan(
    scope,
    [...all].filter((other) => other.spec.tenantID === scope.spec.tenantID),
  );

/** Finds the one tenant of a namespace. Reserved, unselected and doubly selected namespaces have none, nor have those of a void scope. */
export function tenancyOf(
  namespace: NamespaceFacts | undefined,
  scopes: readonly TenantScope[],
  ownNamespace: string,
): Tenancy {
  if (namespace === undefined || isReservedNamespace(namespace.name, ownNamespace)) return { kind: 'none' };
  const selecting = scopes.filter((scope) =>
    selectsNamespace(scope.spec.namespaceSelector, namespace.labels),
  );
  const [first, second] = selecting;
  if (first === undefined) return { kind: 'none' };
  if (second !== undefined)
    return { kind: 'overlap', names: selecting.map((scope) => scope.metadata.name).sort() };
  const kind = tenantIDHolder(first, scopes) === undefined ? 'tenant' : 'taken';
  return { kind, scope: first };
}

/** The field that makes an object a tenant's. */
const field = 'metadata.namespace';

/** Why a namespace gives no rights, as a violation of whatever is in it; undefined when it has its tenant. */
export function tenancyViolation(tenancy: Tenancy, namespace: string): Violation | undefined {
  switch (tenancy.kind) {
    case 'none':
      return violation('NoTenantScope', field, `no TenantScope selects namespace ${namespace}`);
    case 'overlap':
      return violation(
        'TenantScopeOverlap',
        field,
        `TenantScopes ${tenancy.names.join(', ')} all select namespace ${namespace}, so it belongs to none`,
      );
    case 'taken':
      return violation(
        'TenantIDTaken',
        field,
        `TenantScope ${tenancy.scope.metadata.name} is void: an older one has the same tenantID`,
      );
    case 'tenant':
      return tenancy.scope.spec.suspend
        ? violation('Suspended', field, `TenantScope ${tenancy.scope.metadata.name}: spec.suspend is true`)
        : undefined;
  }
}

/** The same, as far as it is certain while some TenantScope cannot be read: that one may be the one of a namespace that has none. */
export const tenancyRefusal = (tenancy: Tenancy, namespace: string): Violation | undefined =>
  tenancy.kind === 'none' ? undefined : tenancyViolation(tenancy, namespace);
