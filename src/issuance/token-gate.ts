import { admitToken } from '../domain/admit-token.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { CheckedToken } from '../domain/token-check.ts';
import type { TokenRefusal } from '../domain/token-rule.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import { err, type Result } from '../std/result.ts';
import { type KeyPair, thumbprintOf } from './key-pair.ts';
import type { IssuanceEnvironment, TokenOrder } from './token-order.ts';

/**
 * The gate, right before delivery: nothing that is not exactly within the grant gets past, and nothing of which the grant has lapsed while
 * it was on its way. What can do too much is revoked where the issuer can.
 */
export async function passGate(
  environment: IssuanceEnvironment,
  order: TokenOrder,
  issued: IssuedToken,
  tokenKey: KeyPair | undefined,
): Promise<Result<CheckedToken, ActionFailure>> {
  const { grant, rotation } = order;
  const token = tokenKey ? { ...issued, keyThumbprint: thumbprintOf(tokenKey.publicKey) } : issued;
  const admitted = admitToken(token, grant, rotation, environment.clock.now());
  if (!admitted.ok) {
    await turnAway(environment, order, issued, admitted.error);
    return err({ reason: admitted.error.reason, message: admitted.error.message, retry: 'slow' });
  }
  const lapse = order.lapse();
  if (lapse === undefined) return admitted;
  const message = `what was granted has changed while the token was on its way: ${lapse}`.slice(0, 512);
  const refusal: TokenRefusal = { reason: 'TokenRefused', message, tooPowerful: true };
  await turnAway(environment, order, issued, refusal);
  return err({ reason: refusal.reason, message, retry: 'soon' });
}

/** Counts and tells of a token that is not delivered, and has it revoked if it is good for anything that it should not be. */
async function turnAway(
  { audit, metrics }: IssuanceEnvironment,
  { grant, issuerName, driver, call, about, authenticate }: TokenOrder,
  { token }: IssuedToken,
  { reason, message, tooPowerful }: TokenRefusal,
): Promise<void> {
  const event = { ...about, reason, detail: message };
  metrics.count('grantor_tokens_refused_total', { issuer: issuerName, tenant: grant.tenantID, reason });
  audit({ ...event, act: 'refuse', outcome: 'success' });
  if (!tooPowerful) return;
  // Anew: an assertion may be good for one request only.
  const login = await authenticate();
  const revoked = login.ok
    ? await driver.revoke(token, { clientID: grant.clientID, authentication: login.value }, call)
    : login;
  audit({ ...event, act: 'revoke', outcome: revoked.ok ? 'success' : 'failure' });
}
