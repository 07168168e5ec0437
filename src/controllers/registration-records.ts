import type { OAuthClient } from '../api/oauth-client.ts';
import {
  type RegistrationDraft,
  registrationSecretManifest,
  registrationSecretName,
} from '../delivery/registration-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { RegistrationRecord } from '../domain/registration-record.ts';
import type { RegisteredClient } from '../ports/issuer-driver.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { deadline, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { generateKeyPair } from './client-key.ts';
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

const rememberWithin = seconds(15);
const rememberAttempts = 3;

/**
 * Stores what the issuer answered, as the very next thing. Any answer may bring new credentials; the rest stays as it was. The answer
 * cannot be had again, so this goes on when the caller has to stop, and over a record that somebody annotated meanwhile.
 */
export async function rememberAnswer(
  environment: Environment,
  { clientSecret, ...answer }: RegisteredClient,
  hash: string,
  record: RegistrationRecord,
  context: ReconcileContext,
): Done {
  const renewed = clientSecret !== undefined && !clientSecret.equals(record.clientSecret);
  const first = record.registration === undefined;
  const draft: RegistrationDraft = {
    ...record,
    phase: 'Registered',
    registration: { ...record.registration, ...answer },
    registeredHash: hash,
    credentialRevision: record.credentialRevision + (renewed || first ? 1 : 0),
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
      replaces = (await asStored(environment, replaces, patient)) ?? replaces;
    }
  } finally {
    limit.dispose();
  }
}

/** The same record in its present version, if it is still there. */
async function asStored(
  { kube, ownNamespace }: Environment,
  record: RegistrationRecord,
  { signal }: ReconcileContext,
): Promise<RegistrationRecord | undefined> {
  const found = await kube.get(secretKind, { namespace: ownNamespace, name: record.name }, { signal });
  if (!found.ok || found.value.metadata.uid !== record.uid) return undefined;
  return { ...record, resourceVersion: found.value.metadata.resourceVersion };
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

export const deleteRecord = (
  environment: Environment,
  record: RegistrationRecord,
  context: ReconcileContext,
): Done =>
  deleteSecret(
    environment,
    environment.world.registrations,
    { ...record, namespace: environment.ownNamespace },
    context,
  );
