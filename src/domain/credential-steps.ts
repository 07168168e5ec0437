import { sha256 } from '../std/digest.ts';
import type { Instant } from '../std/instant.ts';
import type { Credential, CredentialRotation } from './credential.ts';
import { credentialFor, keptFor } from './credential.ts';
import type { AuthenticationMethod } from './grant.ts';
import type { RegistrationRecord } from './registration-record.ts';

/*
 * The steps of a rotation. Each turns a record into the next; the issuer follows, since what it is to hold is derived from the record.
 */

/**
 * - `begin`: there is a next credential, which the issuer is to hold too
 * - `promote`: the next is the current one, and its predecessor stays valid for a while
 * - `retire`: nobody needs the former any more
 * - `end`: the issuer has forgotten it
 * - `abandon`: the client logs in another way now, or the issuer refuses the next one and nobody wants it any more
 * - `forget`: what the client logged in with before it changed its way is no more, lest it come back to life with that way
 */
export type RotationStep = 'begin' | 'promote' | 'retire' | 'end' | 'abandon' | 'forget';

/** What a step needs beside the record. */
export interface StepContext {
  readonly method: AuthenticationMethod;
  /** A new credential, for `begin`. */
  readonly fresh: Credential;
  /** Who asked for it by the annotation, if anybody did. */
  readonly request: string | undefined;
  readonly interrupts: boolean;
  readonly now: Instant;
}

/** A request for a rotation as a record keeps it: annotations can be long. */
export const requestDigest = (value: string): string => sha256(value);

/** The record after a step. */
export function afterStep(
  record: RegistrationRecord,
  step: RotationStep,
  { method, fresh, request, interrupts, now }: StepContext,
): RegistrationRecord {
  const { rotation, ...rest } = record;
  const before = record.registeredHash === undefined ? {} : { registeredBefore: record.registeredHash };
  const during = (phase: CredentialRotation['phase'], other: Credential): CredentialRotation => ({
    phase,
    since: now,
    other,
  });
  switch (step) {
    case 'begin':
      return {
        ...rest,
        ...(request === undefined ? {} : { rotationAnswered: requestDigest(request) }),
        rotation: {
          ...during('Introducing', fresh),
          ...before,
          ...(interrupts ? { interrupts: true as const } : {}),
        },
      };
    case 'promote': {
      const former = credentialFor(record, method);
      const promoted = {
        ...rest,
        ...rotation?.other,
        credentialRevision: record.credentialRevision + 1,
        credentialSince: now,
      };
      return rotation?.interrupts ? promoted : { ...promoted, rotation: during('Overlapping', former) };
    }
    case 'retire':
      return rotation ? { ...rest, rotation: { ...during('Retiring', rotation.other), ...before } } : rest;
    case 'forget': {
      const { clientSecret: _, chosenSecret: __, publicKey: ___, privateKey: ____, ...others } = rest;
      return { ...others, ...keptFor(record, method) };
    }
    case 'end':
    case 'abandon':
      return rest;
  }
}
