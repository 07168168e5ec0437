import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { federationMethodOf } from '../domain/federation-method.ts';
import type { Grant } from '../domain/grant.ts';
import type { CallContext } from '../ports/issuer-driver.ts';
import type { AuditEvent } from '../telemetry/audit.ts';

/** What an audit line about a token says whatever becomes of it. */
export type AuditSubject = Omit<AuditEvent, 'act' | 'outcome' | 'reason' | 'detail'>;

const grantTypes = {
  ClientAssertion: 'client_credentials',
  JWTBearer: 'jwt-bearer',
  TokenExchange: 'token-exchange',
} as const;

/** Who and what of an audit line about the token of a binding. */
export const auditOf = (
  grant: Grant,
  { metadata: { namespace, name }, spec }: WorkloadIdentityBinding,
  issuer: OAuthIssuer,
  { correlationID }: Pick<CallContext, 'correlationID'>,
): AuditSubject => ({
  object: `WorkloadIdentityBinding ${namespace}/${name}`,
  correlationID,
  tenantID: grant.tenantID,
  issuer: grant.issuer,
  client: `${namespace}/${spec.clientRef.name}`,
  clientID: grant.clientID,
  binding: `${namespace}/${name}`,
  serviceAccount: `${grant.serviceAccount.namespace}/${grant.serviceAccount.name}`,
  scopes: grant.scopes,
  audience: grant.audience,
  grantType: grant.method === 'Federated' ? grantTypes[federationMethodOf(issuer)] : 'client_credentials',
});
