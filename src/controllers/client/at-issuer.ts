import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import { isOf } from '../../domain/issuer-usable.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { CallContext, IssuerDriver } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { deadline } from '../../std/clock.ts';
import { type Duration, formatDuration } from '../../std/duration.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { AuditEvent } from '../../telemetry/audit.ts';
import type { Environment } from '../environment.ts';

export interface Party {
  readonly issuer: OAuthIssuer;
  readonly driver: IssuerDriver;
}

/** The issuer that a record is of, which need not be the one that an OAuthClient of that name refers to now. */
export async function partyOf(
  { issuers, world }: Environment,
  record: RegistrationRecord,
): Promise<Result<Party, ActionFailure>> {
  const issuer = world.issuers.store.get(record.issuer)?.object;
  if (issuer === undefined || !isOf(record, issuer)) {
    const message = `there is no OAuthIssuer ${record.issuer} for ${record.issuerIdentifier}`;
    return err({ reason: 'IssuerNotFound', message, retry: 'slow' });
  }
  const driver = await issuers.driver(issuer);
  return driver.ok ? ok({ issuer, driver: driver.value }) : driver;
}

/** A call on the account of a record: as its tenant's, whichever that is now or was last. */
export const callOf = (
  { tenancy }: ClientFacts,
  record: RegistrationRecord,
  { signal, correlationID }: Pick<ReconcileContext, 'signal' | 'correlationID'>,
): CallContext => ({
  signal,
  correlationID,
  tenantID: tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : (record.tenantID ?? ''),
});

/** Makes a call that is given up after a while, where there is something else that must not wait for it. */
export async function inTime<T>(
  { clock }: Pick<Environment, 'clock'>,
  within: Duration | undefined,
  call: CallContext,
  ask: (call: CallContext) => Promise<Result<T, IssuerFailure>>,
): Promise<Result<T, IssuerFailure>> {
  if (within === undefined) return ask(call);
  const limit = deadline(clock, within, call.signal);
  try {
    const answer = await ask({ ...call, signal: limit.signal });
    const gaveUp = !answer.ok && limit.signal.aborted && !call.signal.aborted;
    if (!gaveUp) return answer;
    const detail = `no answer within ${formatDuration(within)}; what does not need the issuer goes on`;
    return err({ ...answer.error, kind: 'unavailable', detail });
  } finally {
    limit.dispose();
  }
}

/** One line of what was done at an issuer with the client of a record. */
export function audit(
  environment: Environment,
  act: AuditEvent['act'],
  { tenancy }: ClientFacts,
  issuer: OAuthIssuer,
  record: RegistrationRecord,
  { correlationID }: Pick<ReconcileContext, 'correlationID'>,
  result: Result<{ readonly clientID: string } | void, IssuerFailure>,
  step?: string,
): void {
  const clientID = (result.ok ? result.value?.clientID : undefined) ?? record.registration?.clientID;
  const tenantID = tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : record.tenantID;
  environment.audit({
    act,
    outcome: result.ok ? 'success' : 'failure',
    object: `OAuthClient ${record.client.namespace}/${record.client.name}`,
    correlationID,
    ...(tenantID === undefined ? {} : { tenantID }),
    issuer: issuer.spec.issuer,
    client: `${record.client.namespace}/${record.client.name}`,
    ...(clientID === undefined ? {} : { clientID }),
    ...(step === undefined ? {} : { step }),
    ...(result.ok ? {} : { reason: fromIssuer(result.error).reason, detail: result.error.detail }),
  });
}
