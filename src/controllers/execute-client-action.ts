import type { OAuthClient } from '../api/oauth-client.ts';
import { credentialsSecretManifest } from '../delivery/credentials-secret.ts';
import {
  type RegistrationDraft,
  registrationSecretManifest,
  registrationSecretName,
} from '../delivery/registration-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { ClientFacts } from '../domain/client-facts.ts';
import { type ClientAction, clientFinalizer } from '../domain/plan-client.ts';
import type { RegistrationRecord } from '../domain/registration-record.ts';
import type { IssuerDriver } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { AuditEvent } from '../telemetry/audit.ts';
import { fromIssuer, fromKube } from './action-failure.ts';
import { generateKeyPair } from './client-key.ts';
import { secretKind } from './core-kinds.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';
import { oauthClientKind } from '../api/oauth-client.ts';

type Done = Promise<Result<void, ActionFailure>>;
type ActionOf<K extends ClientAction['kind']> = Extract<ClientAction, { readonly kind: K }>;

/** From action to calls. Each leaves the caches such that the next gathering sees what was done. */
export async function executeClientAction(
  environment: Environment,
  action: ClientAction,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const { client } = facts;
  switch (action.kind) {
    case 'addFinalizer':
    case 'removeFinalizer':
      return client ? setFinalizer(environment, client, action.kind === 'addFinalizer', context) : ok(undefined);
    case 'prepare':
      return client ? prepare(environment, client, action, context) : ok(undefined);
    case 'register':
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
  if (patched.ok && (wanted || others.length > 0)) world.clients.observe(patched.value);
  if (patched.ok && !wanted) world.clients.store.forget(`${metadata.namespace}/${metadata.name}`, metadata.uid);
  if (!patched.ok && patched.error.kind === 'notFound') return ok(undefined);
  return patched.ok ? ok(undefined) : err(fromKube('Pending', patched.error));
}

/** The intent, with the key that the issuer will be told of, is stored before the issuer is asked. */
async function prepare(environment: Environment, client: OAuthClient, { withKey, record }: ActionOf<'prepare'>, context: ReconcileContext): Done {
  const keys = withKey ? await generateKeyPair() : {};
  const draft: RegistrationDraft = {
    name: registrationSecretName(client.metadata.uid),
    client: client.metadata,
    issuer: client.spec.issuerRef.name,
    phase: 'Prepared',
    credentialRevision: 0,
    ...record,
    ...keys,
  };
  const written = await writeRecord(environment, draft, record, context);
  return written.ok ? ok(undefined) : written;
}

async function register(
  environment: Environment,
  { desired, hash, record }: ActionOf<'register'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts);
  if (!driver.ok) return driver;
  const repeatable = (facts.issuer?.status?.capabilities ?? []).includes('IdempotentRegister');
  const attempting = repeatable ? ok(record) : await writeRecord(environment, { ...record, phase: 'Attempting' }, record, context);
  if (!attempting.ok) return attempting;
  const registered = await driver.value.register(desired, callOf(facts, context));
  audit(environment, 'register', facts, record, context, registered);
  if (registered.ok) return remember(environment, registered.value, hash, attempting.value, context);
  if (!repeatable && answeredNo(registered.error)) await writeRecord(environment, { ...attempting.value, phase: 'Prepared' }, attempting.value, context);
  return err(fromIssuer(registered.error));
}

/** The issuer said no, so there is no client. Anything else leaves it open. */
const answeredNo = ({ kind }: IssuerFailure): boolean => kind === 'rejected' || kind === 'unauthorized' || kind === 'throttled';

async function update(
  environment: Environment,
  { desired, hash, record }: ActionOf<'update'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts);
  if (!driver.ok) return driver;
  if (record.registration === undefined) return ok(undefined);
  const updated = await driver.value.update(record.registration, desired, callOf(facts, context));
  audit(environment, 'update', facts, record, context, updated);
  return updated.ok ? remember(environment, updated.value, hash, record, context) : err(fromIssuer(updated.error));
}

/** Stores what the issuer answered, as the very next thing. Every answer may bring new credentials. */
async function remember(
  environment: Environment,
  { clientSecret = undefined, ...answer }: Extract<Awaited<ReturnType<IssuerDriver['register']>>, { ok: true }>['value'],
  hash: string,
  record: RegistrationRecord,
  context: ReconcileContext,
): Done {
  const renewed = clientSecret !== undefined && clientSecret.reveal() !== record.clientSecret?.reveal();
  const first = record.registration === undefined;
  const written = await writeRecord(
    environment,
    {
      ...record,
      phase: 'Registered',
      registration: { ...record.registration, ...answer },
      registeredHash: hash,
      credentialRevision: record.credentialRevision + (renewed || first ? 1 : 0),
      ...(clientSecret === undefined ? {} : { clientSecret }),
    },
    record,
    context,
  );
  return written.ok ? ok(undefined) : written;
}

async function deregister(
  environment: Environment,
  { record }: ActionOf<'deregister'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const driver = await driverFor(environment, facts);
  if (!driver.ok) return driver;
  if (record.registration === undefined) return ok(undefined);
  const gone = await driver.value.deregister(record.registration, callOf(facts, context));
  audit(environment, 'deregister', facts, record, context, gone);
  return gone.ok ? deleteRecord(environment, record, context) : err(fromIssuer(gone.error));
}

const deleteRecord = (environment: Environment, record: RegistrationRecord, context: ReconcileContext): Done =>
  deleteSecret(environment, environment.world.registrations, { ...record, namespace: environment.ownNamespace }, context);

async function writeCredentials(
  { kube, world }: Environment,
  client: OAuthClient,
  { name, record, replaces }: ActionOf<'writeCredentials'>,
  { issuer }: ClientFacts,
  { signal }: ReconcileContext,
): Done {
  const manifest = credentialsSecretManifest(client, issuer?.spec.issuer ?? '', name, record);
  const written = replaces
    ? await kube.replace(secretKind, withIdentity(manifest, replaces), { signal })
    : await kube.create(secretKind, manifest, { signal });
  if (written.ok) {
    world.credentialsSecrets.observe(written.value);
    return ok(undefined);
  }
  const { kind } = written.error;
  if (kind !== 'alreadyExists' && kind !== 'invalid') return err(fromKube('SecretWriteFailed', written.error));
  const message = `spec.authentication: Secret ${client.metadata.namespace}/${name} exists and is not ours; delete it or name another one`;
  return err({ reason: 'SecretConflict', message, retry: 'wait' });
}

async function writeRecord(
  { kube, world, ownNamespace }: Environment,
  draft: RegistrationDraft,
  replaces: RegistrationRecord | undefined,
  { signal }: ReconcileContext,
): Promise<Result<RegistrationRecord, ActionFailure>> {
  const manifest = registrationSecretManifest(draft, ownNamespace);
  const written = replaces
    ? await kube.replace(secretKind, withIdentity(manifest, replaces), { signal })
    : await kube.create(secretKind, manifest, { signal });
  if (!written.ok) return err(fromKube('SecretWriteFailed', written.error));
  world.registrations.observe(written.value);
  const { uid, resourceVersion } = written.value.metadata;
  return ok({ ...draft, uid, resourceVersion });
}

/** The preconditions of a PUT. */
const withIdentity = <M extends { readonly metadata: object }>(
  manifest: M,
  { uid, resourceVersion }: { readonly uid: string; readonly resourceVersion: string },
) => ({ ...manifest, metadata: { ...manifest.metadata, uid, resourceVersion } });

async function driverFor({ issuers }: Environment, { issuer, client }: ClientFacts): Promise<Result<IssuerDriver, ActionFailure>> {
  if (issuer !== undefined) return issuers.driver(issuer);
  return err({ reason: 'IssuerNotFound', message: `there is no OAuthIssuer ${client?.spec.issuerRef.name ?? ''}`, retry: 'slow' });
}

const callOf = ({ tenancy }: ClientFacts, { signal, correlationID }: ReconcileContext) => ({
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
