import type { Tenancy } from './tenancy.ts';
import { type Violation, violation } from './violation.ts';
import { scopeNamed } from './within-tenant.ts';

/** What a tenant's quota holds against one of its objects. */
export function withinQuota(
  tenancy: Tenancy,
  kind: 'clients' | 'bindings',
  beyondQuota: boolean,
): Violation | undefined {
  if (tenancy.kind !== 'tenant' || !beyondQuota) return undefined;
  const { scope } = tenancy;
  const { max } = scope.spec[kind];
  const allowed = max === 0 ? `no ${kind}` : `${max} ${kind}, and there are as many older ones`;
  return violation('QuotaExceeded', 'metadata.namespace', `${scopeNamed(scope)} allows ${allowed}`);
}
