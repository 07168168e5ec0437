import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Grant } from '../domain/grant.ts';
import type { CallContext } from '../ports/issuer-driver.ts';
import type { AuditEvent } from '../telemetry/audit.ts';

/** Who and what of an audit line about the token of a binding. */
export const auditOf = (
  grant: Grant,
  { metadata }: WorkloadIdentityBinding,
  { correlationID }: Pick<CallContext, 'correlationID'>,
): Omit<AuditEvent, 'act' | 'outcome'> => ({
  object: `WorkloadIdentityBinding ${metadata.namespace}/${metadata.name}`,
  correlationID,
  tenantID: grant.tenantID,
  issuer: grant.issuer,
  clientID: grant.clientID,
  serviceAccount: `${grant.serviceAccount.namespace}/${grant.serviceAccount.name}`,
  scopes: grant.scopes,
  audience: grant.audience,
});
