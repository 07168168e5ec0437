import type { TenantScope } from '../api/tenant-scope.ts';
import { type Tenancy, tenancyRefusal, tenancyViolation } from './tenancy.ts';
import type { Violation } from './violation.ts';

/** Of whom an object is, and of whom it has what it has. */
export interface GrantedFacts {
  readonly tenancy: Tenancy;
  /** The TenantScope that gave what the status tells of, as it is now; undefined where it gave nothing, or is gone. */
  readonly grantedBy: TenantScope | undefined;
}

/**
 * The same as if the namespace were still of the tenant that it had its rights of. Where that is out of reach, perhaps by accident, what
 * the tenant takes back itself is meant all the same: a suspension above all, and a lower ceiling.
 */
export const asGranted = <Facts extends GrantedFacts>(facts: Facts): Facts =>
  facts.tenancy.kind === 'tenant' || facts.grantedBy === undefined
    ? facts
    : { ...facts, tenancy: { kind: 'tenant', scope: facts.grantedBy } };

/** No TenantScope, no rights; a suspended one gives none either. What is meant comes before what may be an accident. */
export function tenancyViolations(
  facts: GrantedFacts & { readonly unreadable: string | undefined },
  namespace = '',
): readonly Violation[] {
  const violation = facts.unreadable === undefined ? tenancyViolation : tenancyRefusal;
  const tenancies = new Set([asGranted(facts).tenancy, facts.tenancy]);
  return Array.from(tenancies, (tenancy) => violation(tenancy, namespace)).filter((one) => one !== undefined);
}
