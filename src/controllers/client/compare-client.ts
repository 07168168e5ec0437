import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import { issuerHas } from '../../domain/issuer-usable.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { Comparison } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf } from '../write-secret.ts';
import { callOf, type Party, partyOf } from './at-issuer.ts';
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
  const seen = read.ok || !isGone(read.error, party.value) ? read : ok(nothingThere);
  if (!seen.ok) return err(fromIssuer(seen.error));
  const { differences, registered } = seen.value;
  const isSame = differences.length === 0;
  if (!isSame) {
    context.log.warn(
      { differences: differences.join(', ') },
      'the issuer holds something else than is wanted',
    );
    environment.metrics.count('grantor_clients_drifted_total', { issuer: record.issuer });
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
  if (written.ok) environment.looks.note(record.client.uid, { hash, differences });
  return written;
}

const nothingThere: Comparison = { differences: ['there is no such client'] };

/** RFC 7592 section 2.1 has 401 for a client that is gone, too; where no client has a token of its own, it speaks of our login. */
const isGone = ({ kind }: IssuerFailure, { issuer }: Party): boolean =>
  kind === 'notFound' || (kind === 'unauthorized' && !issuerHas(issuer, 'ManageByMark'));
