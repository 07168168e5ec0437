import { type Labels, labelsSatisfy, requirementsOf } from './labels.ts';
import type { Tenancy } from './tenancy.ts';
import { aboveCeiling, type Violation } from './violation.ts';
import { scopeNamed } from './within-tenant.ts';

/** A ServiceAccount that an object names, if there is one. */
interface Named {
  readonly field: string;
  readonly name: string;
  readonly labels: Labels | undefined;
}

/** What the tenant holds against tokens for a ServiceAccount. One that is not there is refused elsewhere. */
export function serviceAccountAllowed(
  tenancy: Tenancy,
  { field, name, labels }: Named,
): Violation | undefined {
  if (tenancy.kind !== 'tenant' || labels === undefined) return undefined;
  const { serviceAccountSelector } = tenancy.scope.spec;
  if (labelsSatisfy(serviceAccountSelector, labels)) return undefined;
  return aboveCeiling({
    reason: 'ServiceAccountNotAllowed',
    by: scopeNamed(tenancy.scope),
    field,
    values: [name],
    allowed: [`those labelled ${requirementsOf(serviceAccountSelector).join(' and ')}`],
  });
}
