import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import type { Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { dropRecord } from './registration-records.ts';

/** Forgets a registration that nobody can be told to delete, because somebody asked for that; and says what may be left. */
export async function releaseRecord(
  environment: Environment,
  record: ActionOf<'release'>['record'],
  { client, issuer }: ClientFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const dropped = await dropRecord(environment, record, context);
  if (!dropped.ok) return dropped;
  const name = `${client?.metadata.namespace}/${client?.metadata.name}`;
  const tenantID = client?.status?.tenant?.tenantID;
  const clientID = record.registration?.clientID;
  const detail = 'the OAuthClient was released: the issuer may still hold the client, with all that it had';
  context.log.warn({ clientID }, detail);
  environment.audit({
    act: 'release',
    outcome: 'success',
    object: `OAuthClient ${name}`,
    correlationID: context.correlationID,
    client: name,
    ...(tenantID === undefined ? {} : { tenantID }),
    ...(issuer === undefined ? {} : { issuer: issuer.spec.issuer }),
    ...(clientID === undefined ? {} : { clientID }),
    reason: 'Released',
    detail,
  });
  return dropped;
}
