import { admitToken } from '../domain/admit-token.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { Grant } from '../domain/grant.ts';
import type { CheckedToken } from '../domain/token-check.ts';
import type { TokenRefusal } from '../domain/token-rule.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { err, type Result } from '../std/result.ts';
import { auditOf } from './audit-of.ts';
import { authenticateClient } from './authenticate-client.ts';
import { thumbprintOf } from './client-key.ts';
import type { Environment } from './environment.ts';
import type { IssueCall } from './issue-token.ts';

/**
 * The gate, right before the Secret is written: nothing that is not exactly within the grant gets past, and nothing of which the grant has
 * lapsed while it was on its way. What can do too much is revoked where the issuer can.
 */
export async function passGate(
  environment: Environment,
  grant: Grant,
  issued: IssuedToken,
  asked: IssueCall,
  context: ReconcileContext,
): Promise<Result<CheckedToken, ActionFailure>> {
  const { binding, tokenKey } = asked;
  const token = tokenKey ? { ...issued, keyThumbprint: thumbprintOf(tokenKey.publicKey) } : issued;
  const admitted = admitToken(token, grant, binding.spec.rotation, environment.clock.now());
  if (!admitted.ok) {
    await turnAway(environment, grant, issued, admitted.error, asked, context);
    return err({ reason: admitted.error.reason, message: admitted.error.message, retry: 'slow' });
  }
  const lapse = asked.lapse();
  if (lapse === undefined) return admitted;
  const message = `what was granted has changed while the token was on its way: ${lapse}`.slice(0, 512);
  const refusal: TokenRefusal = { reason: 'TokenRefused', message, tooPowerful: true };
  await turnAway(environment, grant, issued, refusal, asked, context);
  return err({ reason: refusal.reason, message, retry: 'soon' });
}

/** Counts and tells of a token that is not delivered, and has it revoked if it is good for anything that it should not be. */
async function turnAway(
  environment: Environment,
  grant: Grant,
  { token }: IssuedToken,
  { reason, message, tooPowerful }: TokenRefusal,
  { binding, client, issuer, driver, call }: IssueCall,
  context: ReconcileContext,
): Promise<void> {
  const { audit, metrics } = environment;
  const event = { ...auditOf(grant, binding, context), reason: message };
  metrics.count('grantor_tokens_refused_total', {
    issuer: issuer.metadata.name,
    tenant: grant.tenantID,
    reason,
  });
  audit({ ...event, act: 'refuse', outcome: 'success' });
  if (!tooPowerful) return;
  // Anew: an assertion may be good for one request only.
  const login = await authenticateClient(environment, grant, issuer, client, context);
  const revoked = login.ok
    ? await driver.revoke(token, { clientID: grant.clientID, authentication: login.value }, call)
    : login;
  audit({ ...event, act: 'revoke', outcome: revoked.ok ? 'success' : 'failure' });
}
