import type { OAuthClient } from '../../api/oauth-client.ts';
import {
  type RegistrationDraft,
  registrationSecretManifest,
  registrationSecretName,
} from '../../delivery/registration-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import { rotationRequest } from '../../domain/credential-policy.ts';
import { requestDigest } from '../../domain/credential-steps.ts';
import type { RegistrationPhase, RegistrationRecord } from '../../domain/registration-record.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { deleteSecret } from '../delete-secret.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf, writeSecret } from '../write-secret.ts';
import { confirmCurrent } from './confirm-current.ts';
import { generateCredential } from './generate-credential.ts';

type Done = Promise<Result<void, ActionFailure>>;

/** Stores the intent, with the credential that the issuer will be told of, before the issuer is asked. */
export async function prepareRecord(
  environment: Environment,
  client: OAuthClient,
  issuerIdentifier: string,
  { credential, record }: ActionOf<'prepare'>,
  context: ReconcileContext,
): Done {
  const { metadata, spec } = client;
  const request = rotationRequest(client, record);
  const draft: RegistrationDraft = {
    name: registrationSecretName(metadata.uid),
    client: metadata,
    issuer: spec.issuerRef.name,
    issuerIdentifier,
    ...(spec.adopt === undefined ? {} : { adopts: spec.adopt.clientID }),
    phase: 'Prepared',
    credentialRevision: 0,
    ...record,
    // A new one is a new credential, also for a client that had another one before; whoever asked for a rotation has it with that.
    ...(credential && {
      ...generateCredential(credential, record),
      credentialRevision: (record?.credentialRevision ?? 0) + 1,
    }),
    ...(record && !credential ? {} : { credentialSince: environment.clock.now() }),
    ...(request === undefined ? {} : { rotationAnswered: requestDigest(request) }),
  };
  return outcomeOf(await writeRecord(environment, draft, record, context));
}

/** Makes the record of an earlier OAuthClient that of its successor. The client goes on bearing the mark that it has. */
export const inheritRecord = async (
  environment: Environment,
  { metadata: { namespace, name, uid } }: OAuthClient,
  record: RegistrationRecord,
  context: ReconcileContext,
): Done => {
  const markedUID = record.markedUID ?? record.client.uid;
  const draft = { ...record, client: { namespace, name, uid }, markedUID };
  return outcomeOf(await writeRecord(environment, draft, record, context));
};

/** How far we come with an issuer by asking it. */
interface Question {
  readonly phase: RegistrationPhase;
  /** Whose rights it is told of; those of the tenant before, if of any, where there are none in what it is told. */
  readonly tenantID?: string | undefined;
}

/**
 * Says in the record, before the issuer is asked, that what the issuer holds is not known from now on: the answer to an update may get
 * lost, and what was told before must not be believed then. Once it says so, it is not written again, only read.
 */
export async function recordAsking(
  environment: Environment,
  record: RegistrationRecord,
  { phase, tenantID = record.tenantID }: Question,
  context: ReconcileContext,
): Promise<Result<RegistrationRecord, ActionFailure>> {
  const { registeredHash, tokensRevoked: _, ...rest } = record;
  if (registeredHash === undefined && record.phase === phase && record.tenantID === tenantID) {
    const confirmed = await confirmCurrent(environment, record, context);
    return confirmed.ok ? ok(record) : confirmed;
  }
  const whose = tenantID === undefined ? {} : { tenantID };
  return writeRecord(environment, { ...rest, ...whose, phase }, record, context);
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
  { name, uid }: Pick<RegistrationRecord, 'name' | 'uid'>,
  context: ReconcileContext,
  version?: Pick<RegistrationRecord, 'resourceVersion'>,
): Done => {
  const { world, ownNamespace: namespace } = environment;
  return deleteSecret(environment, world.registrations, { namespace, name, uid }, context, version);
};

/** A record of which nothing is left to do at the issuer: that holds for the version that says so, and the cache may be behind. */
export const dropRecord = (
  environment: Environment,
  { resourceVersion, ...record }: Pick<RegistrationRecord, 'name' | 'uid' | 'resourceVersion'>,
  context: ReconcileContext,
): Done => deleteRecord(environment, record, context, { resourceVersion });
