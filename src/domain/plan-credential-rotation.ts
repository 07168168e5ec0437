import type { OAuthClient } from '../api/oauth-client.ts';
import type { RotationStatus } from '../api/rotation-field.ts';
import { formatInstant, type Instant, latest, plus } from '../std/instant.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ActionOf } from './client-plan.ts';
import type { CredentialRotation } from './credential.ts';
import { rotationDueAt, rotationPolicyOf, rotationRequest } from './credential-policy.ts';
import type { RotationStep } from './credential-steps.ts';
import type { CredentialsSecret, RegistrationRecord } from './registration-record.ts';

/** What a rotation asks for next: a step now, or to be looked at again. */
export interface RotationPlan {
  readonly action?: ActionOf<'rotateCredentials'>;
  readonly requeueAt?: Instant;
  /** What a step that is due waits for. */
  readonly waitsFor?: string;
}

/**
 * The next step of a rotation, for a client that is registered as it is wanted and whose copy of the credential is the current one:
 * whoever comes here has nothing else left to do.
 */
export function planCredentialRotation(
  { client }: ExistingClientFacts,
  record: RegistrationRecord,
  copy: CredentialsSecret,
  now: Instant,
): RotationPlan {
  const step = (what: RotationStep): RotationPlan => ({
    action: { kind: 'rotateCredentials', step: what, record },
  });
  switch (record.rotation?.phase) {
    // 1. The issuer holds both: from now on the new one is the credential.
    case 'Introducing':
      return step('promote');

    // 2. Consumers have had the time to read it.
    case 'Overlapping': {
      const until = overlapEnd(client, record.rotation, copy);
      return until <= now ? step('retire') : { requeueAt: until };
    }

    // 3. The issuer has forgotten the former one.
    case 'Retiring':
      return step('end');

    // 4. Somebody asks for another, or the present one is old.
    case undefined: {
      if (rotationRequest(client, record) !== undefined) return step('begin');
      const due = rotationDueAt(client, record);
      if (due === undefined) return {};
      return due <= now ? step('begin') : { requeueAt: due };
    }
  }
}

/** Counted from when the API server took the copy: until then nobody could have the new one. */
const overlapEnd = (
  client: OAuthClient,
  { since }: CredentialRotation,
  { writtenAt = since }: CredentialsSecret,
): Instant => plus(latest(since, writtenAt), rotationPolicyOf(client).overlap);

/** How a rotation stands, for the status of a client that has a credential of ours. */
export function rotationStatus(
  record: RegistrationRecord,
  { requeueAt, waitsFor }: RotationPlan,
): RotationStatus | undefined {
  const { rotation, credentialSince } = record;
  const status = {
    ...(rotation && { phase: rotation.phase, since: formatInstant(rotation.since) }),
    ...(requeueAt === undefined ? {} : { next: formatInstant(requeueAt) }),
    ...(waitsFor === undefined ? {} : { waitsFor }),
    ...(credentialSince === undefined ? {} : { rotatedAt: formatInstant(credentialSince) }),
  };
  return Object.keys(status).length === 0 ? undefined : status;
}
