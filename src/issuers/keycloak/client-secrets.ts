import type { ChosenSecret, DesiredClient } from '../../domain/desired-client.ts';
import { type HeldClient, rotatedSecretAttribute } from './held-client.ts';

/*
 * Where the secrets of a client stand. The one before the newest is `client.secret.rotated`, which Keycloak accepts beside it where its feature
 * client-secret-rotation is on. Its own rotation is not used: it cannot be repeated, and chooses the secret itself.
 */

/** As late as Keycloak can count: secrets end when they are taken away, not by a policy of the realm. */
const never = '2147483647';

interface SecretMembers {
  readonly secret?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is sent of the secrets. Without any of ours, those that are there stay: a client need not be told of them to be updated. */
export function secretMembers({ authentication }: DesiredClient): SecretMembers {
  if (authentication.method !== 'Secret') return { attributes: { [rotatedSecretAttribute]: '' } };
  const [newest, before] = authentication.secrets;
  if (newest === undefined) return { attributes: {} };
  return {
    secret: newest.value.reveal(),
    attributes: {
      'client.secret.expiration.time': never,
      ...rotated(before),
    },
  };
}

/** It is accepted only with the times of both of its ends. */
const rotated = (secret: ChosenSecret | undefined): SecretMembers['attributes'] => ({
  [rotatedSecretAttribute]: secret?.value.reveal() ?? '',
  'client.secret.rotated.creation.time': secret === undefined ? '' : '1',
  'client.secret.rotated.expiration.time': secret === undefined ? '' : never,
});

/** What makes the secret that a client has now its second one as well, where another is about to take its place. */
export function secondSecret({ authentication }: DesiredClient, held: HeldClient) {
  const [, before] = authentication.method === 'Secret' ? authentication.secrets : [];
  const isDisplaced = before?.value.equals(held.secret) === true && !before.value.equals(held.rotatedSecret);
  return isDisplaced ? { 'client.secret.expiration.time': never, ...rotated(before) } : undefined;
}

/** Whether a client has other secrets than it should. */
export function hasOtherSecrets(secrets: readonly ChosenSecret[], held: HeldClient): boolean {
  const [newest, before] = secrets;
  if (newest === undefined) return false;
  const sameRotated =
    before === undefined ? held.rotatedSecret === undefined : before.value.equals(held.rotatedSecret);
  return !newest.value.equals(held.secret) || !sameRotated;
}
