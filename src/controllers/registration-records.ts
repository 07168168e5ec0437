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
import { ok, type Result } from '../std/result.ts';
import { generateKeyPair } from './client-key.ts';
import { deleteSecret } from './delete-secret.ts';
import type { Environment } from './environment.ts';
import { outcomeOf, writeSecret } from './write-secret.ts';

type Done = Promise<Result<void, ActionFailure>>;

/** Stores the intent, with the key that the issuer will be told of, before the issuer is asked. */
export async function prepareRecord(
  environment: Environment,
  { metadata, spec }: OAuthClient,
  withKey: boolean,
  record: RegistrationRecord | undefined,
  context: ReconcileContext,
): Done {
  const draft: RegistrationDraft = {
    name: registrationSecretName(metadata.uid),
    client: metadata,
    issuer: spec.issuerRef.name,
    phase: 'Prepared',
    credentialRevision: 0,
    ...record,
    ...(withKey ? await generateKeyPair() : {}),
  };
  return outcomeOf(await writeRecord(environment, draft, record, context));
}

/** Stores what the issuer answered, as the very next thing. Any answer may bring new credentials; the rest stays as it was. */
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
  return outcomeOf(await writeRecord(environment, draft, record, context));
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
  if (!written.ok) return written;
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
