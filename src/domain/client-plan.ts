import type { OAuthClient, TenantStatus } from '../api/oauth-client.ts';
import type { RotationStatus } from '../api/rotation-field.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import type { Duration } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import type { PlannedCondition } from './condition.ts';
import type { RotationStep } from './credential-steps.ts';
import type { DesiredClient } from './desired-client.ts';
import type { StoredMethod } from './grant.ts';
import type { CredentialsSecret, RegistrationRecord } from './registration-record.ts';
import type { Violation } from './violation.ts';

/** Keeps an OAuthClient until its registration is deleted at the issuer. */
export const clientFinalizer = 'grantor.dev/registration';

export type ClientAction =
  | { readonly kind: 'addFinalizer' }
  | { readonly kind: 'removeFinalizer' }
  /** Store the intent, and the credential if we are to make one, before the issuer is asked. */
  | {
      readonly kind: 'prepare';
      readonly credential: StoredMethod | undefined;
      readonly record: RegistrationRecord | undefined;
    }
  /** Go on from the record of an earlier object of this name. */
  | { readonly kind: 'inherit'; readonly record: RegistrationRecord }
  | ({ readonly kind: 'register' } & Submission)
  | ({ readonly kind: 'update' } & Submission)
  /** Read what the issuer holds and compare it with what is wanted. */
  | ({ readonly kind: 'compare' } & Submission)
  /** End all tokens that were issued to the client so far. */
  | ({
      readonly kind: 'revokeTokens';
      readonly record: RegistrationRecord;
      /** The client keeps its rights, and obtains tokens again from then on. */
      readonly goesOn?: true;
    } & Patience)
  | { readonly kind: 'deregister'; readonly record: RegistrationRecord }
  /** Register again by our mark what cannot be got at with our token, so that it can then be deleted, or has the wanted form at once. */
  | ({ readonly kind: 'reclaim'; readonly insteadOf: 'update' | 'deregister' } & Submission)
  | {
      readonly kind: 'deleteRecord';
      readonly record: Pick<RegistrationRecord, 'name' | 'uid' | 'resourceVersion'>;
    }
  /** The same, though the issuer may hold a client of it. */
  | {
      readonly kind: 'release';
      readonly record: Pick<RegistrationRecord, 'name' | 'uid' | 'resourceVersion' | 'registration'>;
    }
  | {
      readonly kind: 'writeCredentials';
      readonly name: string;
      readonly record: RegistrationRecord;
      readonly replaces: CredentialsSecret | undefined;
    }
  /** Look which pods still have the credential from before the copy was written. */
  | { readonly kind: 'lookForConsumers'; readonly copy: CredentialsSecret }
  /** Line up for a rotation. */
  | { readonly kind: 'takeTurn' }
  /** Go a step on in a rotation, in our record; the issuer follows. */
  | {
      readonly kind: 'rotateCredentials';
      readonly step: RotationStep;
      readonly record: RegistrationRecord;
    }
  | { readonly kind: 'deleteCredentials'; readonly secret: CredentialsSecret }
  /** The same, because what is in it is not what was written. */
  | {
      readonly kind: 'discardCredentials';
      readonly insteadOf: 'writeCredentials';
      readonly secret: CredentialsSecret;
    };

export type ActionOf<K extends ClientAction['kind']> = Extract<ClientAction, { readonly kind: K }>;

/** What the issuer is told, and how we know later what it was told. */
export interface Submission extends Patience {
  readonly desired: DesiredClient;
  readonly hash: string;
  readonly record: RegistrationRecord;
  /** The tenant whose rights these are; none where they are none. */
  readonly tenantID?: string;
  /** Only which credentials the issuer holds is to change: without it the client goes on with the one that it has. */
  readonly credentialsOnly?: true;
}

/** For how long the issuer is waited for, where something else must not wait for it; otherwise as long as any call may take. */
interface Patience {
  readonly within?: Duration;
}

export interface ClientPlan {
  readonly action?: ClientAction;
  readonly conditions: readonly PlannedCondition[];
  /** For status: the id by which the issuer knows the client. */
  readonly clientID?: string;
  /** All that is not allowed. */
  readonly violations?: readonly Violation[];
  /** For status: whose client it is, as long as it has rights. */
  readonly tenant?: TenantStatus | undefined;
  /** For status: how what it had is taken back. */
  readonly withdrawal?: WithdrawalStatus | undefined;
  /** For status: how the rotation of its credential stands. */
  readonly rotation?: RotationStatus | undefined;
  readonly requeueAt?: Instant | undefined;
}

/**
 * What an action tries: a failure of one step does not hold back another, and one of what is sent to the issuer does not hold back
 * what is sent instead. Reclaiming and discarding are a part of what they make possible.
 */
export function fingerprintOf(action: ClientAction, client: OAuthClient | undefined): string {
  const generation = client?.metadata.generation ?? 0;
  const step = 'insteadOf' in action ? action.insteadOf : action.kind;
  if ('hash' in action && step !== 'deregister') return `${step}/${action.hash}`;
  if (action.kind === 'rotateCredentials') return `${step}/${action.step}/${generation}`;
  if (action.kind === 'revokeTokens') return `${step}/${action.record.registeredHash}`;
  // One registration that cannot be deleted does not hold back that of another.
  if ('record' in action && step === 'deregister') return `${step}/${action.record?.uid}/${generation}`;
  return `${step}/${generation}`;
}
