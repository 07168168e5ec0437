import type { Json } from '../std/canonical-json.ts';
import type { Instant } from '../std/instant.ts';
import type { Secret } from '../std/secret.ts';
import type { PublicKey } from './desired-client.ts';
import { type AuthenticationMethod, isStored } from './grant.ts';

/** What a client logs in with: a key pair, perhaps with a certificate (`x5c` of the public key), or a secret. */
export interface Credential {
  readonly privateKey?: Secret<{ readonly [member: string]: Json }>;
  readonly publicKey?: PublicKey;
  readonly clientSecret?: Secret;
  /** Counts the secrets that we chose, and stands for the secret in hashes; left out where the issuer chose it. */
  readonly chosenSecret?: number;
}

/**
 * How far a rotation has come. Each is written before the issuer is asked, and what the issuer is to hold follows from it, so that a
 * rotation goes on from wherever it was cut off.
 *
 * - `Introducing`: the issuer is to hold the new credential beside the current one.
 * - `Overlapping`: the new one is the current one, and the former stays valid until consumers have the new one.
 * - `Retiring`: the issuer is to forget the former one.
 */
export const rotationPhases = ['Introducing', 'Overlapping', 'Retiring'] as const;
export type RotationPhase = (typeof rotationPhases)[number];

/** A rotation under way. */
export interface CredentialRotation {
  readonly phase: RotationPhase;
  readonly since: Instant;
  /** The one beside the current: the next while it is introduced, the former after that. */
  readonly other: Credential;
  /** What the issuer was known to hold before this phase, by `desiredClientHash`. */
  readonly registeredBefore?: string;
  /** The issuer holds one secret only: the next takes the place of the current at once. */
  readonly interrupts?: true;
}

/** A client's credentials, as its record has them. */
export interface Credentials extends Credential {
  readonly rotation?: CredentialRotation;
}

/** The part of a credential that is for one method. */
export const credentialFor = (
  { privateKey, publicKey, clientSecret, chosenSecret }: Credential,
  method: AuthenticationMethod,
): Credential =>
  method === 'Secret'
    ? { ...(clientSecret && { clientSecret }), ...(chosenSecret === undefined ? {} : { chosenSecret }) }
    : { ...(privateKey && { privateKey }), ...(publicKey && { publicKey }) };

/** What is left of a credential when the client logs in by that method and by no other any more. */
export const keptFor = (credential: Credential, method: AuthenticationMethod): Credential =>
  isStored(method) ? credentialFor(credential, method) : {};

/** Whether there is more than that: what a client logged in with before it changed its way. */
export function hasMoreThan(credential: Credential, method: AuthenticationMethod): boolean {
  const { clientSecret, publicKey } = keptFor(credential, method);
  return clientSecret !== credential.clientSecret || publicKey !== credential.publicKey;
}

/** Whether this is something to log in with by that method. */
export function isFor({ publicKey, clientSecret }: Credential, method: AuthenticationMethod): boolean {
  if (method === 'Secret') return clientSecret !== undefined;
  const hasCertificate = publicKey?.['x5c'] !== undefined;
  return (
    publicKey !== undefined &&
    (method === 'MutualTLS' ? hasCertificate : method === 'PrivateKey' && !hasCertificate)
  );
}

/** What the issuer is to hold, the newest first. */
export function credentialsAtIssuer(credentials: Credentials): readonly Credential[] {
  const { rotation } = credentials;
  switch (rotation?.phase) {
    case 'Introducing':
      return rotation.interrupts ? [rotation.other] : [rotation.other, credentials];
    case 'Overlapping':
      return [credentials, rotation.other];
    case 'Retiring':
    case undefined:
      return [credentials];
  }
}

/** The same before the present phase began. */
export const credentialsBefore = (credentials: Credentials): readonly Credential[] =>
  credentials.rotation?.phase === 'Retiring' ? [credentials, credentials.rotation.other] : [credentials];
