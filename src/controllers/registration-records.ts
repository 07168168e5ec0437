import type { OAuthClient } from '../api/oauth-client.ts';
import {
  type RegistrationDraft,
  readRegistrationSecret,
  registrationSecretManifest,
  registrationSecretName,
  saysTheSame,
} from '../delivery/registration-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { RegistrationPhase, RegistrationRecord } from '../domain/registration-record.ts';
import type { RegisteredClient } from '../ports/registered-client.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { deadline, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { generateKeyPair } from './client-key.ts';
import { confirmCurrent } from './confirm-current.ts';
import { secretKind } from './core-kinds.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';
import { outcomeOf, writeSecret } from './write-secret.ts';

type Done = Promise<Result<void, ActionFailure>>;

/** Stores the intent, with the key that the issuer will be told of, before the issuer is asked. */
export async function prepareRecord(
  environment: Environment,
  { metadata, spec }: OAuthClient,
  issuerIdentifier: string,
  withKey: boolean,
  record: RegistrationRecord | undefined,
  context: ReconcileContext,
): Done {
  const draft: RegistrationDraft = {
    name: registrationSecretName(metadata.uid),
    client: metadata,
    issuer: spec.issuerRef.name,
    issuerIdentifier,
    phase: 'Prepared',
    credentialRevision: 0,
    ...record,
    // A new key is a new credential, also for a client that had another one before.
    ...(withKey ? { ...generateKeyPair(), credentialRevision: (record?.credentialRevision ?? 0) + 1 } : {}),
  };
  return outcomeOf(await writeRecord(environment, draft, record, context));
}

/**
 * Says in the record, before the issuer is asked, that what the issuer holds is not known from now on: the answer to an update may get
 * lost, and what was told before must not be believed then. Once it says so, it is not written again, only read.
 */
export async function recordAsking(
  environment: Environment,
  record: RegistrationRecord,
  phase: RegistrationPhase,
  context: ReconcileContext,
): Promise<Result<RegistrationRecord, ActionFailure>> {
  const { registeredHash, ...rest } = record;
  if (registeredHash === undefined && record.phase === phase) {
    const confirmed = await confirmCurrent(environment, record, context);
    return confirmed.ok ? ok(record) : confirmed;
  }
  return writeRecord(environment, { ...rest, phase }, record, context);
}

const rememberWithin = seconds(15);
const rememberAttempts = 3;

/**
 * Stores what the issuer answered, as the very next thing. Any answer may bring new credentials; the rest stays as it was. The answer
 * cannot be had again, so this goes on when the caller has to stop, and over a record that somebody annotated meanwhile. `hash` is
 * that of what the issuer holds now, undefined where that is not what it was told.
 */
export async function rememberAnswer(
  environment: Environment,
  { clientSecret, ...answer }: RegisteredClient,
  hash: string | undefined,
  record: RegistrationRecord,
  context: ReconcileContext,
): Done {
  const renewed = clientSecret !== undefined && !clientSecret.equals(record.clientSecret);
  const another = record.registration?.clientID !== answer.clientID;
  const { registeredHash: _, ...rest } = record;
  const draft: RegistrationDraft = {
    ...rest,
    phase: 'Registered',
    registration: { ...record.registration, ...answer },
    credentialRevision: record.credentialRevision + (renewed || another ? 1 : 0),
    ...(hash === undefined ? {} : { registeredHash: hash }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
  const limit = deadline(environment.clock, rememberWithin);
  const patient = { ...context, signal: limit.signal };
  let replaces = record;
  try {
    for (let attempt = 1; ; attempt++) {
      const written = await writeRecord(environment, draft, replaces, patient);
      if (written.ok || attempt === rememberAttempts) return outcomeOf(written);
      await sleep(environment.clock, seconds(1), limit.signal);
      const stored = await storedRecord(environment, record, patient);
      if (stored === undefined) continue;
      // Our own write came through, and its answer did not.
      if (saysTheSame(stored, draft)) return ok(undefined);
      // Another controller has asked the issuer since: what it was answered is newer than what we were.
      if (!saysTheSame(stored, record)) return outcomeOf(written);
      replaces = stored;
    }
  } finally {
    limit.dispose();
  }
}

/** The same record as the API server has it now, if it is still there and can be read. The cache gets to know it as well. */
async function storedRecord(
  { kube, world, ownNamespace }: Environment,
  { name, uid }: RegistrationRecord,
  { signal }: ReconcileContext,
): Promise<RegistrationRecord | undefined> {
  const found = await kube.get(secretKind, { namespace: ownNamespace, name }, { signal });
  if (!found.ok || found.value.metadata.uid !== uid) return undefined;
  world.registrations.observe(found.value);
  const read = readRegistrationSecret(found.value);
  return read.ok ? read.value : undefined;
}

/** Writes a record and answers with it as it is stored now. */
export async function writeRecord(
  environment: Environment,
  draft: RegistrationDraft,
  replaces: RegistrationRecord | undefined,
  context: ReconcileContext,
): Promise<Result<RegistrationRecord, ActionFailure>> {
  const { world, ownNamespace } = environment;
  const manifest = registrationSecretManifest(draft, ownNamespace);
  const written = await writeSecret(environment, world.registrations, manifest, replaces, context);
  // A record of that name can only be ours: the cache is behind, or a person is at work on it.
  if (!written.ok) return err({ ...written.error, reason: 'SecretWriteFailed', retry: 'soon' });
  const { uid, resourceVersion } = written.value.metadata;
  return ok({ ...draft, uid, resourceVersion });
}

/** Once the client is gone at the issuer, so is what any version of its record tells of. */
export const deleteRecord = (
  environment: Environment,
  record: Pick<RegistrationRecord, 'name' | 'uid'>,
  context: ReconcileContext,
): Done =>
  deleteSecret(
    environment,
    environment.world.registrations,
    { ...record, namespace: environment.ownNamespace },
    context,
  );

/** A record of which nothing is left to do at the issuer: that holds for the version that says so, and the cache may be behind. */
export const dropRecord = (
  environment: Environment,
  { resourceVersion, ...record }: Pick<RegistrationRecord, 'name' | 'uid' | 'resourceVersion'>,
  context: ReconcileContext,
): Done =>
  deleteSecret(
    environment,
    environment.world.registrations,
    { ...record, namespace: environment.ownNamespace },
    context,
    { resourceVersion },
  );
