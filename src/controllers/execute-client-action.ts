import { type OAuthClient, oauthClientKind } from '../api/oauth-client.ts';
import { credentialsSecretManifest } from '../delivery/credentials-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { ClientFacts } from '../domain/client-facts.ts';
import { type ClientAction, clientFinalizer } from '../domain/client-plan.ts';
import { issuerHas } from '../domain/issuer-usable.ts';
import type { RegistrationRecord } from '../domain/registration-record.ts';
import type { CallContext, IssuerDriver } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { keyOf } from '../runtime/store.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { AuditEvent } from '../telemetry/audit.ts';
import { fromIssuer, fromKube } from './action-failure.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';
import { deleteRecord, prepareRecord, rememberAnswer, writeRecord } from './registration-records.ts';
import { outcomeOf, writeSecret } from './write-secret.ts';

type Done = Promise<Result<void, ActionFailure>>;
type ActionOf<K extends ClientAction['kind']> = Extract<ClientAction, { readonly kind: K }>;

/** From action to calls. Each leaves the caches such that the next gathering sees what was done. */
export async function executeClientAction(
  environment: Environment,
  action: ClientAction,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const { client, issuer } = facts;
  switch (action.kind) {
    case 'addFinalizer':
    case 'removeFinalizer':
      return client
        ? setFinalizer(environment, client, action.kind === 'addFinalizer', context)
        : ok(undefined);
    case 'prepare':
      return client && issuer
        ? prepareRecord(environment, client, issuer.spec.issuer, action.withKey, action.record, context)
        : ok(undefined);
    case 'register':
    case 'reclaim':
      return register(environment, action, facts, context);
    case 'update':
      return update(environment, action, facts, context);
    case 'deregister':
      return deregister(environment, action, facts, context);
    case 'deleteRecord':
      return deleteRecord(environment, action.record, context);
    case 'writeCredentials':
      return client ? writeCredentials(environment, client, action, facts, context) : ok(undefined);
    case 'deleteCredentials':
      return deleteSecret(environment, environment.world.credentialsSecrets, action.secret, context);
  }
}

async function setFinalizer(
  { kube, world }: Environment,
  { metadata }: OAuthClient,
  wanted: boolean,
  { signal }: ReconcileContext,
): Done {
  const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== clientFinalizer);
  const finalizers = wanted ? [...others, clientFinalizer] : others;
  const patched = await kube.patchMetadata(oauthClientKind, metadata, { finalizers }, { signal });
  if (!patched.ok)
    return patched.error.kind === 'notFound' ? ok(undefined) : err(fromKube('Pending', patched.error));
  // With its last finalizer an object that is being deleted is gone.
  if (finalizers.length > 0) world.clients.observe(patched.value);
  else world.clients.store.forget(keyOf(metadata.namespace, metadata.name), metadata.uid);
  return ok(undefined);
}

async function register(
  environment: Environment,
  { desired, hash, record }: ActionOf<'register' | 'reclaim'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts, record);
  if (!driver.ok) return driver;
  // Where registering twice makes two clients, the attempt itself is written down first.
  const repeatable = facts.issuer !== undefined && issuerHas(facts.issuer, 'IdempotentRegister');
  const attempted = repeatable
    ? ok(record)
    : await writeRecord(environment, { ...record, phase: 'Attempting' }, record, context);
  if (!attempted.ok) return attempted;
  const registered = await driver.value.register(desired, callOf(facts, context));
  audit(environment, 'register', facts, record, context, registered);
  if (registered.ok) return rememberAnswer(environment, registered.value, hash, attempted.value, context);
  if (!repeatable && cameToNothing(registered.error)) {
    await writeRecord(environment, { ...attempted.value, phase: 'Prepared' }, attempted.value, context);
  }
  return err(fromIssuer(registered.error));
}

/** Nothing left this process, or the issuer said no: there is no client. Anything else leaves it open. */
const cameToNothing = ({ kind, sent }: IssuerFailure): boolean =>
  sent === false || kind === 'rejected' || kind === 'unauthorized' || kind === 'throttled';

async function update(
  environment: Environment,
  { desired, hash, record }: ActionOf<'update'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts, record);
  if (!driver.ok || record.registration === undefined) return outcomeOf(driver);
  const updated = await driver.value.update(record.registration, desired, callOf(facts, context));
  audit(environment, 'update', facts, record, context, updated);
  return updated.ok
    ? rememberAnswer(environment, updated.value, hash, record, context)
    : err(fromIssuer(updated.error));
}

async function deregister(
  environment: Environment,
  { record }: ActionOf<'deregister'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts, record);
  if (!driver.ok || record.registration === undefined) return outcomeOf(driver);
  const gone = await driver.value.deregister(record.registration, callOf(facts, context));
  audit(environment, 'deregister', facts, record, context, gone);
  return gone.ok ? deleteRecord(environment, record, context) : err(fromIssuer(gone.error));
}

async function writeCredentials(
  environment: Environment,
  client: OAuthClient,
  { name, record, replaces }: ActionOf<'writeCredentials'>,
  { issuer }: ClientFacts,
  context: ReconcileContext,
): Done {
  const manifest = credentialsSecretManifest(client, issuer?.spec.issuer ?? '', name, record);
  return outcomeOf(
    await writeSecret(environment, environment.world.credentialsSecrets, manifest, replaces, context),
  );
}

async function driverFor(
  { issuers }: Environment,
  { issuer }: ClientFacts,
  record: RegistrationRecord,
): Promise<Result<IssuerDriver, ActionFailure>> {
  if (issuer !== undefined) return issuers.driver(issuer);
  return err({
    reason: 'IssuerNotFound',
    message: `there is no OAuthIssuer ${record.issuer}`,
    retry: 'slow',
  });
}

const callOf = ({ tenancy }: ClientFacts, { signal, correlationID }: ReconcileContext): CallContext => ({
  signal,
  correlationID,
  tenantID: tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : '',
});

function audit(
  environment: Environment,
  act: AuditEvent['act'],
  { tenancy, issuer }: ClientFacts,
  record: RegistrationRecord,
  { correlationID }: ReconcileContext,
  result: Result<{ readonly clientID: string } | void, IssuerFailure>,
): void {
  const clientID = (result.ok ? result.value?.clientID : undefined) ?? record.registration?.clientID;
  environment.audit({
    act,
    outcome: result.ok ? 'success' : 'failure',
    object: `OAuthClient ${record.client.namespace}/${record.client.name}`,
    correlationID,
    ...(tenancy.kind === 'tenant' ? { tenantID: tenancy.scope.spec.tenantID } : {}),
    ...(issuer ? { issuer: issuer.spec.issuer } : {}),
    ...(clientID === undefined ? {} : { clientID }),
    ...(result.ok ? {} : { reason: result.error.detail }),
  });
}
