import type { TenantScope } from '../api/tenant-scope.ts';
import { outside } from './scope-pattern.ts';
import type { Tenancy } from './tenancy.ts';
import { aboveCeiling, type Rule, type Violation } from './violation.ts';

/** How violations name a TenantScope. */
export const scopeNamed = ({ metadata }: TenantScope): string => `TenantScope ${metadata.name}`;

/** A rule that compares what a field asks for with one of the tenant's lists. Who has no tenant hears that elsewhere. */
export const withinTenant =
  <Facts extends { readonly tenancy: Tenancy }>(
    reason: Violation['reason'],
    field: string,
    asked: (facts: Facts) => readonly string[],
    allowed: (spec: TenantScope['spec']) => readonly string[],
    difference: (allowed: readonly string[], asked: readonly string[]) => string[] = outside,
  ): Rule<Facts> =>
  (facts) => {
    if (facts.tenancy.kind !== 'tenant') return undefined;
    const { scope } = facts.tenancy;
    const values = difference(allowed(scope.spec), asked(facts));
    if (values.length === 0) return undefined;
    return aboveCeiling({ reason, by: scopeNamed(scope), field, values, allowed: allowed(scope.spec) });
  };
