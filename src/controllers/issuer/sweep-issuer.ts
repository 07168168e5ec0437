import { oauthClientKind } from '../../api/oauth-client.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import { registrationSecretName } from '../../delivery/registration-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import { isOf, issuerHas, isUsable } from '../../domain/issuer-usable.ts';
import { type Orphan, planSweep, sweepPatience } from '../../domain/plan-sweep.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { CallContext, IssuerDriver } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { again, done, type Outcome } from '../../runtime/outcome.ts';
import { seconds } from '../../std/duration.ts';
import type { Instant } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { confirmAbsent } from '../client/confirm-absent.ts';
import { listClients } from '../client/list-clients.ts';
import type { Environment } from '../environment.ts';
import { retryOf } from '../reconciler.ts';
import type { RegistrationSecretRecord } from '../world.ts';

/** As many as are deleted in one go; the others come right after, and what else is to be done meanwhile. */
const mostAtOnce = 100;

/**
 * Deletes what bears a mark of this cluster at an issuer and is nobody's here: its OAuthClient is gone, and no record tells of it. Such a
 * client is left by a process that stood still while it was overtaken, or where records were lost. The key is the name of the OAuthIssuer.
 */
export function createSweep(
  environment: Environment,
): (key: string, context: ReconcileContext) => Promise<Outcome> {
  /** By the UID of the OAuthIssuer. */
  const orphans = new Map<string, ReadonlyMap<string, Instant>>();
  return async (key, context) => {
    const { world, clusterID, clock } = environment;
    const issuer = world.issuers.store.get(key)?.object;
    if (issuer === undefined || !isSweepable(issuer)) return done;
    const driver = await environment.issuers.driver(issuer);
    if (!driver.ok) return retryOf(driver.error);
    const before = recordsAt(environment, issuer);
    const call: CallContext = { ...context, tenantID: '' };
    const listed = await listClients(driver.value, call);
    if (!listed.ok) return retryOf(fromIssuer(listed.error));
    const after = recordsAt(environment, issuer);
    const unreadable = [...before, ...after].find(({ record }) => record === undefined);
    const plan =
      unreadable === undefined
        ? planSweep(
            {
              clusterID,
              listed: listed.value,
              recordsBefore: readable(before),
              records: readable(after),
              clientUIDs: new Set(Array.from(world.clients.store.list(), ({ uid }) => uid)),
              known: orphans.get(issuer.metadata.uid) ?? new Map(),
            },
            clock.now(),
          )
        : `${unreadable.problem} in Grantor's namespace`;
    if (typeof plan === 'string') {
      orphans.delete(issuer.metadata.uid);
      context.log.warn({ because: plan }, 'nothing is swept');
      return done;
    }
    orphans.set(issuer.metadata.uid, plan.known);
    for (const orphan of plan.due.slice(0, mostAtOnce)) {
      const gone = await sweep(environment, issuer, driver.value, orphan, call, context);
      if (!gone.ok) return retryOf(gone.error);
    }
    if (plan.due.length > mostAtOnce) return again(seconds(1));
    return plan.known.size > plan.due.length ? again(sweepPatience) : done;
  };
}

/** Only who lists its clients can be swept. */
const isSweepable = (issuer: OAuthIssuer): boolean =>
  isUsable(issuer) && issuerHas(issuer, 'List') && issuerHas(issuer, 'ManageByMark');

/** The records of clients at an issuer. Of one that cannot be read it is not known at which. */
const recordsAt = ({ world }: Environment, issuer: OAuthIssuer): RegistrationSecretRecord[] =>
  Array.from(world.registrations.store.list()).filter(
    ({ record }) => record === undefined || isOf(record, issuer),
  );

const readable = (records: readonly RegistrationSecretRecord[]) =>
  records.map(({ record }) => record).filter((record) => record !== undefined);

/** Deletes one, once the API server itself says that there is neither its OAuthClient nor a record of it. */
async function sweep(
  environment: Environment,
  issuer: OAuthIssuer,
  driver: IssuerDriver,
  { of, mark, registration }: Orphan,
  call: CallContext,
  { correlationID, signal }: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { world, ownNamespace: namespace } = environment;
  const object = `OAuthClient ${of.namespace}/${of.name}`;
  const name = registrationSecretName(of.uid);
  const client = { kind: oauthClientKind, at: of, uid: of.uid, what: object };
  const record = { kind: secretKind, at: { namespace, name }, what: `Secret ${name}` };
  const checks = [
    await confirmAbsent(environment, client, world.clients, { signal }),
    await confirmAbsent(environment, record, world.registrations, { signal }),
  ];
  const objection = checks.find((check) => !check.ok);
  if (objection !== undefined && !objection.ok) return objection;
  const tell = (act: 'revoke' | 'deregister', result: Result<void, IssuerFailure>): void =>
    environment.audit({
      act,
      outcome: result.ok ? 'success' : 'failure',
      object,
      correlationID,
      issuer: issuer.spec.issuer,
      clientID: registration.clientID,
      client: `${of.namespace}/${of.name}`,
      reason: result.ok ? 'Orphaned' : fromIssuer(result.error).reason,
      detail: result.ok
        ? 'it bears a mark of this cluster, and nobody here knows of it'
        : result.error.detail,
    });
  if (issuerHas(issuer, 'RevokeAll')) tell('revoke', await driver.revokeAll(registration, mark, call));
  const gone = await driver.deregister(registration, mark, call);
  tell('deregister', gone);
  if (!gone.ok) return err(fromIssuer(gone.error));
  environment.metrics.count('grantor_orphans_deregistered_total', { issuer: issuer.metadata.name });
  return ok(undefined);
}
