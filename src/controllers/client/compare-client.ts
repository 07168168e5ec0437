import { oauthClientKind } from '../../api/oauth-client.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import { differing } from '../../domain/plan-look.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { Comparison } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { referenceTo } from '../events/reference-to.ts';
import { outcomeOf } from '../write-secret.ts';
import { callOf, partyOf } from './at-issuer.ts';
import { isLost, noteLoss, nothingThere } from './lost-clients.ts';
import { recordAsking } from './registration-records.ts';
import { rememberAnswer } from './remember-answer.ts';

/**
 * Looks at what the issuer holds of a client. Where it is what is wanted nothing is written, anywhere. Where it is not, the record no longer
 * says that it is: whoever manages the client sends it again then, this process or the next.
 */
export async function compare(
  environment: Environment,
  { desired, hash, record }: ActionOf<'compare'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const party = await partyOf(environment, record);
  const { registration } = record;
  if (!party.ok || registration === undefined) return outcomeOf(party);
  const read = await party.value.driver.compare(registration, desired, callOf(facts, record, context));
  const seen: Result<Comparison, IssuerFailure> =
    read.ok || !isLost(read.error, party.value) ? read : ok(nothingThere);
  if (!seen.ok) return err(fromIssuer(seen.error));
  const { differences, registered } = seen.value;
  const isSame = differences.length === 0;
  const isGone = seen.value === nothingThere;
  if (!isSame && !isGone) {
    context.log.warn(
      { differences: differences.join(', ') },
      'the issuer holds something else than is wanted',
    );
    environment.metrics.count('grantor_clients_drifted_total', { issuer: record.issuer });
    // What is put right at once is never in a status.
    if (facts.client?.spec.management === 'Manage')
      environment.events.tell(referenceTo(oauthClientKind, facts.client.metadata), {
        type: 'Warning',
        reason: 'Drifted',
        note: differing(differences),
      });
  }
  const holds = isSame ? record.registeredHash : undefined;
  const written = registered
    ? await rememberAnswer(
        environment,
        { ...party.value, record, facts },
        { registered, hash: holds },
        context,
      )
    : holds === record.registeredHash
      ? ok(undefined)
      : outcomeOf(await recordAsking(environment, record, record, context));
  if (!written.ok) return written;
  if (isGone) noteLoss(environment, record, party.value.issuer, hash, context);
  else environment.looks.note(record.client.uid, { hash, differences });
  return written;
}
