import { admitToken } from '../domain/admit-token.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { Grant } from '../domain/grant.ts';
import type { CheckedToken } from '../domain/token-check.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { err, type Result } from '../std/result.ts';
import { auditOf } from './audit-of.ts';
import { authenticateClient } from './authenticate-client.ts';
import type { Environment } from './environment.ts';
import type { IssueCall } from './issue-token.ts';

/** The gate: nothing that is not exactly within the grant gets past. What can do too much is revoked where the issuer can. */
export async function passGate(
  environment: Environment,
  grant: Grant,
  issued: IssuedToken,
  { binding, client, issuer, driver, call }: IssueCall,
  context: ReconcileContext,
): Promise<Result<CheckedToken, ActionFailure>> {
  const { clock, audit, metrics } = environment;
  const admitted = admitToken(issued, grant, binding.spec.rotation, clock.now());
  if (admitted.ok) return admitted;
  const { reason, message, tooPowerful } = admitted.error;
  const event = { ...auditOf(grant, binding, context), reason: message };
  metrics.count('grantor_tokens_refused_total', {
    issuer: issuer.metadata.name,
    tenant: grant.tenantID,
    reason,
  });
  audit({ ...event, act: 'refuse', outcome: 'success' });
  if (tooPowerful) {
    // Anew: an assertion may be good for one request only.
    const login = await authenticateClient(environment, grant, issuer, client, context);
    const revoked = login.ok
      ? await driver.revoke(issued.token, { clientID: grant.clientID, authentication: login.value }, call)
      : login;
    audit({ ...event, act: 'revoke', outcome: revoked.ok ? 'success' : 'failure' });
  }
  return err({ reason, message, retry: 'slow' });
}
