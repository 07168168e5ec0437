import { type Credential, rotationPhases } from '../domain/credential.ts';
import type { PublicKey } from '../domain/desired-client.ts';
import type { RegistrationRecord } from '../domain/registration-record.ts';
import type { Json } from '../std/canonical-json.ts';
import { formatInstant, instantIn } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';

/*
 * The credentials of a record, and how far their rotation has come, as they are kept in a Secret.
 */

const annotation = {
  since: 'grantor.dev/credential-since',
  answered: 'grantor.dev/rotation-answered',
  phase: 'grantor.dev/rotation-phase',
  phaseSince: 'grantor.dev/rotation-since',
  registeredBefore: 'grantor.dev/rotation-registered-before',
  interrupts: 'grantor.dev/rotation-interrupts',
} as const;

type Values = Readonly<Record<string, string | undefined>>;

/** The values of a credential: of the one beside the current with a prefix. */
export const credentialValues = (
  { clientSecret, chosenSecret, privateKey, publicKey }: Credential,
  prefix: '' | 'other_' = '',
): Values => ({
  [`${prefix}client_secret`]: clientSecret?.reveal(),
  [`${prefix}client_secret_number`]: chosenSecret === undefined ? undefined : String(chosenSecret),
  [`${prefix}private_key.jwk`]: privateKey && JSON.stringify(privateKey.reveal()),
  [`${prefix}public_key.jwk`]: publicKey && JSON.stringify(publicKey),
});

/** Reads a credential back; what cannot be read is left out. */
export function readCredential(
  text: (key: string) => string | undefined,
  prefix: '' | 'other_' = '',
): Credential {
  const clientSecret = text(`${prefix}client_secret`);
  const number = Number(text(`${prefix}client_secret_number`));
  const privateKey = parseJwk(text(`${prefix}private_key.jwk`));
  const publicKey = parseJwk(text(`${prefix}public_key.jwk`));
  return {
    ...(clientSecret === undefined ? {} : { clientSecret: new Secret(clientSecret) }),
    ...(Number.isSafeInteger(number) && number > 0 ? { chosenSecret: number } : {}),
    ...(privateKey === undefined ? {} : { privateKey: new Secret(privateKey) }),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}

type Rotating = Pick<RegistrationRecord, 'credentialSince' | 'rotationAnswered' | 'rotation'>;

/** How far a rotation has come. */
export function rotationAnnotations({
  credentialSince,
  rotationAnswered,
  rotation,
}: Rotating): Readonly<Record<string, string>> {
  return {
    ...(credentialSince === undefined ? {} : { [annotation.since]: formatInstant(credentialSince) }),
    ...(rotationAnswered === undefined ? {} : { [annotation.answered]: rotationAnswered }),
    ...(rotation && {
      [annotation.phase]: rotation.phase,
      [annotation.phaseSince]: formatInstant(rotation.since),
      ...(rotation.registeredBefore && { [annotation.registeredBefore]: rotation.registeredBefore }),
      ...(rotation.interrupts && { [annotation.interrupts]: 'true' }),
    }),
  };
}

/** Reads back how far it has come; undefined where a rotation is under way and any part of it is missing or unreadable. */
export function readRotation(
  annotations: Readonly<Record<string, string>>,
  text: (key: string) => string | undefined,
): Rotating | undefined {
  const credentialSince = instantIn(annotations[annotation.since]);
  const rotationAnswered = annotations[annotation.answered];
  const outside = {
    ...(credentialSince === undefined ? {} : { credentialSince }),
    ...(rotationAnswered === undefined ? {} : { rotationAnswered }),
  };
  if (annotations[annotation.phase] === undefined) return outside;
  const phase = rotationPhases.find((one) => one === annotations[annotation.phase]);
  const since = instantIn(annotations[annotation.phaseSince]);
  const other = readCredential(text, 'other_');
  const hasOther = other.clientSecret !== undefined || other.publicKey !== undefined;
  if (phase === undefined || since === undefined || !hasOther) return undefined;
  const registeredBefore = annotations[annotation.registeredBefore];
  return {
    ...outside,
    rotation: {
      ...{ phase, since, other },
      ...(registeredBefore === undefined ? {} : { registeredBefore }),
      ...(annotations[annotation.interrupts] === 'true' ? { interrupts: true as const } : {}),
    },
  };
}

function parseJwk(text: string | undefined): PublicKey | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as PublicKey)
      : undefined;
  } catch {
    return undefined;
  }
}
