import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import type { DesiredClient } from '../../domain/desired-client.ts';
import { issuerHas } from '../../domain/issuer-usable.ts';
import { hasTokensToRevoke } from '../../domain/plan-withdrawal.ts';
import { markIn } from '../../domain/registration-record.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf } from '../write-secret.ts';
import { audit, callOf, inTime, partyOf } from './at-issuer.ts';
import { isLost, noteLoss } from './lost-clients.ts';
import { deleteRecord, recordAsking, writeRecord } from './registration-records.ts';
import { type Question, rememberAnswer } from './remember-answer.ts';

type Done = Promise<Result<void, ActionFailure>>;

/*
 * What is asked of the issuer of a record. The record says so before, and what was answered right after: whatever gets lost in between,
 * the record never tells of more than is known.
 */

/** Registers a client, or finds it by its mark. */
export async function register(
  environment: Environment,
  { desired, hash, record, tenantID, within }: ActionOf<'register' | 'reclaim'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const party = await partyOf(environment, record);
  if (!party.ok) return party;
  const { driver, issuer } = party.value;
  const phase = record.registration ? record.phase : 'Attempting';
  const asking = await recordAsking(environment, record, { phase, tenantID }, context);
  if (!asking.ok) return asking;
  const registered = await inTime(environment, within, callOf(facts, record, context), (call) =>
    driver.register(desired, call),
  );
  audit(environment, 'register', facts, issuer, record, context, registered);
  // An attempt before this one may have come to something all the same.
  if (record.phase === 'Prepared' && !registered.ok && cameToNothing(registered.error)) {
    // While the issuer is away, a try is not worth a write where our mark can settle it later.
    const lasting = isRefusal(registered.error) || !issuerHas(issuer, 'IdempotentRegister');
    if (lasting)
      await writeRecord(environment, { ...asking.value, phase: 'Prepared' }, asking.value, context);
  }
  return settle(
    environment,
    { ...party.value, record: asking.value, desired, hash, facts },
    registered,
    context,
  );
}

/** Replaces what the issuer holds of a client. */
export async function update(
  environment: Environment,
  { desired, hash, record, tenantID, within }: ActionOf<'update'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const party = await partyOf(environment, record);
  const { registration, phase } = record;
  if (!party.ok || registration === undefined) return outcomeOf(party);
  const { driver, issuer } = party.value;
  const asking = await recordAsking(environment, record, { phase, tenantID }, context);
  if (!asking.ok) return asking;
  const updated = await inTime(environment, within, callOf(facts, record, context), (call) =>
    driver.update(registration, desired, call),
  );
  audit(environment, 'update', facts, issuer, record, context, updated);
  if (phase === 'Attempting' && !updated.ok && updated.error.kind === 'notFound') {
    // It was not taken over after all, and is nothing of ours.
    const { registration: _, ...untouched } = asking.value;
    return outcomeOf(
      await writeRecord(environment, { ...untouched, phase: 'Prepared' }, asking.value, context),
    );
  }
  if (!updated.ok && isLost(updated.error, party.value))
    noteLoss(environment, record, party.value.issuer, hash, context);
  return settle(
    environment,
    { ...party.value, record: asking.value, desired, hash, facts },
    updated,
    context,
  );
}

/** Stores what the issuer holds now. Where that is not what it was told, its credentials count all the same. */
async function settle(
  environment: Environment,
  question: Question & Pick<ActionOf<'update'>, 'desired' | 'hash'>,
  answer: Result<RegisteredClient, IssuerFailure>,
  context: ReconcileContext,
): Done {
  const { record, desired, hash } = question;
  if (answer.ok) {
    // It has just said what it holds.
    environment.looks.note(record.client.uid, { hash, differences: [] });
    const registered = withoutChosen(answer.value, desired);
    return rememberAnswer(environment, question, { registered, hash }, context);
  }
  const { registered } = answer.error;
  if (registered !== undefined) {
    const unwanted = { registered: withoutChosen(registered, desired), hash: undefined };
    await rememberAnswer(environment, question, unwanted, context);
  }
  return err(fromIssuer(answer.error));
}

/** A secret that we chose is in our record already, and may be the next one: what the issuer says of it is nothing new. */
function withoutChosen(
  { clientSecret, ...registered }: RegisteredClient,
  { authentication }: DesiredClient,
): RegisteredClient {
  const isChosen = authentication.method === 'Secret' && authentication.secrets.length > 0;
  return isChosen || clientSecret === undefined ? registered : { ...registered, clientSecret };
}

/** Deletes a client at the issuer, and then our record of it. */
export async function deregister(
  environment: Environment,
  { record }: ActionOf<'deregister'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const party = await partyOf(environment, record);
  if (!party.ok || record.registration === undefined) return outcomeOf(party);
  const { driver, issuer } = party.value;
  const [call, mark] = [callOf(facts, record, context), markIn(environment.clusterID, record)];
  // Not every issuer ends the tokens of a client with it. One that does not take our token for this says so again.
  if (hasTokensToRevoke(record, issuer)) {
    const revoked = await driver.revokeAll(record.registration, mark, call);
    audit(environment, 'revoke', facts, issuer, record, context, revoked);
    // What is gone has none either.
    const isLeft = !revoked.ok && revoked.error.kind !== 'notFound' && !isRefusal(revoked.error);
    if (isLeft) return err(fromIssuer(revoked.error));
  }
  // Where no mark can settle it later, a deletion that is under way is written down first.
  const settles = issuerHas(issuer, 'IdempotentRegister');
  const asking = settles
    ? ok(record)
    : await recordAsking(environment, record, { phase: 'Deregistering' }, context);
  if (!asking.ok) return asking;
  const gone = await driver.deregister(record.registration, mark, call);
  audit(environment, 'deregister', facts, issuer, record, context, gone);
  const again = record.phase === 'Deregistering';
  // RFC 7592 section 2.3 has 401 for a client that is gone: the deletion whose answer we do not know did it.
  if (gone.ok || (again && gone.error.kind === 'unauthorized')) {
    return deleteRecord(environment, asking.value, context);
  }
  if (!settles && !again && cameToNothing(gone.error)) {
    await writeRecord(environment, { ...asking.value, phase: record.phase }, asking.value, context);
  }
  return err(fromIssuer(gone.error));
}

/** Nothing left this process, or the issuer said no: all is as it was. Anything else leaves it open. */
const cameToNothing = (failure: IssuerFailure): boolean =>
  failure.sent === false || failure.kind === 'throttled' || isRefusal(failure);

const isRefusal = ({ kind, registered }: IssuerFailure): boolean =>
  registered === undefined && ['rejected', 'unauthorized', 'loginFailed'].includes(kind);
