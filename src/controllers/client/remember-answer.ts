import {
  type RegistrationDraft,
  readRegistrationSecret,
  saysTheSame,
} from '../../delivery/registration-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import { markIn, type RegistrationRecord } from '../../domain/registration-record.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { RegisteredClient } from '../../ports/registered-client.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { deadline, sleep } from '../../std/clock.ts';
import { seconds } from '../../std/duration.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf } from '../write-secret.ts';
import { audit, callOf, type Party } from './at-issuer.ts';
import { writeRecord } from './registration-records.ts';

const rememberWithin = seconds(15);
const rememberAttempts = 3;

/** Of whom an issuer was asked something, and on whose account. */
export interface Question extends Party {
  /** As it was written down before. */
  readonly record: RegistrationRecord;
  readonly facts: ClientFacts;
}

/** What the issuer answered. */
interface Answer {
  readonly registered: RegisteredClient;
  /** Of what the issuer holds now, undefined where that is not what it was told. */
  readonly hash: string | undefined;
}

/**
 * Stores what the issuer answered, as the very next thing. The answer cannot be had again, so this goes on when the caller has to stop,
 * and over a record that somebody annotated meanwhile. Whoever stood still before it asked may have been overtaken by another
 * controller: then it is not known whose word the issuer had last, and the record says so; and a client that no record tells of goes.
 */
export async function rememberAnswer(
  environment: Environment,
  question: Question,
  { registered, hash }: Answer,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { record } = question;
  const limit = deadline(environment.clock, rememberWithin);
  const patient = { ...context, signal: limit.signal };
  let draft = withAnswer(record, registered, hash);
  let replaces = record;
  try {
    for (let attempt = 1; ; attempt++) {
      const written = await writeRecord(environment, draft, replaces, patient);
      if (written.ok || attempt === rememberAttempts) return outcomeOf(written);
      await sleep(environment.clock, seconds(1), limit.signal);
      const found = await storedRecord(environment, record, patient);
      if (!found.ok) continue;
      const stored = found.value;
      if (stored === undefined || isOfAnother(stored, registered)) {
        await takeBack(environment, question, registered, patient);
        return outcomeOf(written);
      }
      // Our own write came through, and its answer did not.
      if (saysTheSame(stored, draft)) return ok(undefined);
      if (!saysTheSame(stored, record)) draft = unsure(stored);
      if (saysTheSame(stored, draft)) return outcomeOf(written);
      replaces = stored;
    }
  } finally {
    limit.dispose();
  }
}

/** Takes away a client that no record tells of. */
async function takeBack(
  environment: Environment,
  { driver, issuer, record, facts }: Question,
  registration: RegisteredClient,
  context: ReconcileContext,
): Promise<void> {
  const call = callOf(facts, record, context);
  const gone = await driver.deregister(registration, markIn(environment.clusterID, record), call);
  audit(environment, 'deregister', facts, issuer, { ...record, registration }, context, gone);
}

/** Any answer may bring new credentials; the rest stays as it was. */
function withAnswer(
  record: RegistrationRecord,
  { clientSecret, ...answer }: RegisteredClient,
  hash: string | undefined,
): RegistrationDraft {
  const renewed = clientSecret !== undefined && !clientSecret.equals(record.clientSecret);
  const another = isOfAnother(record, answer) || record.registration === undefined;
  return {
    ...unsure(record),
    phase: 'Registered',
    registration: { ...record.registration, ...answer },
    credentialRevision: record.credentialRevision + (renewed || another ? 1 : 0),
    ...(hash === undefined ? {} : { registeredHash: hash }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
}

const isOfAnother = ({ registration }: RegistrationRecord, { clientID }: RegisteredClient): boolean =>
  registration !== undefined && registration.clientID !== clientID;

/** The same without what the issuer holds: whatever is wanted is sent again. */
function unsure(record: RegistrationRecord): RegistrationDraft {
  const { registeredHash: _, tokensRevoked: __, ...rest } = record;
  return rest;
}

/** The record as the API server has it now, if there is one. The cache gets to know it as well. */
async function storedRecord(
  { kube, world, ownNamespace }: Environment,
  { name }: RegistrationRecord,
  { signal }: ReconcileContext,
): Promise<Result<RegistrationRecord | undefined, ActionFailure>> {
  const found = await kube.get(secretKind, { namespace: ownNamespace, name }, { signal });
  if (!found.ok && found.error.kind === 'notFound') return ok(undefined);
  if (!found.ok) return err(fromKube('Pending', found.error));
  world.registrations.observe(found.value);
  const read = readRegistrationSecret(found.value);
  return read.ok ? read : err({ reason: 'Malformed', message: read.error, retry: 'wait' });
}
