import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import { issuerHas } from '../../domain/issuer-usable.ts';
import { markIn } from '../../domain/registration-record.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf } from '../write-secret.ts';
import { audit, callOf, inTime, partyOf } from './at-issuer.ts';
import { confirmCurrent } from './confirm-current.ts';
import { recordAsking, writeRecord } from './registration-records.ts';

/**
 * Ends all tokens of a client, and writes down that it was done. An answer that gets lost leaves the record as it was, and it is done
 * again: twice is as good as once.
 */
export async function revokeTokens(
  environment: Environment,
  { record, within, goesOn }: ActionOf<'revokeTokens'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { registration } = record;
  const party = await partyOf(environment, record);
  if (!party.ok || registration === undefined) return outcomeOf(party);
  const { driver, issuer } = party.value;
  // Whoever was overtaken would end tokens that were rightly given since.
  const confirmed = await confirmCurrent(environment, record, context);
  if (!confirmed.ok) return confirmed;
  const revoked = await inTime(environment, within, callOf(facts, record, context), (call) =>
    driver.revokeAll(registration, markIn(environment.clusterID, record), call),
  );
  audit(environment, 'revoke', facts, issuer, record, context, revoked);
  if (revoked.ok) {
    const tokensRevokedAt = environment.clock.now();
    // Who keeps its rights has tokens again in a moment.
    const done = { ...record, ...(goesOn ? {} : { tokensRevoked: true as const }), tokensRevokedAt };
    return outcomeOf(await writeRecord(environment, done, record, context));
  }
  // The issuer does not take our token, or lost the client: what it holds is not known either, and sending the client again mends that.
  const isOpen = revoked.error.kind === 'unauthorized' || revoked.error.kind === 'notFound';
  if (isOpen && issuerHas(issuer, 'IdempotentRegister'))
    await recordAsking(environment, record, record, context);
  return err(fromIssuer(revoked.error));
}
