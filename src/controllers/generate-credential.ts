import { randomBytes } from 'node:crypto';
import type { Credential } from '../domain/credential.ts';
import { Secret } from '../std/secret.ts';
import { generateKeyPair } from './client-key.ts';

/** A new credential: a key pair, or a secret of 256 bits, the next of those that we chose. */
export function generateCredential(
  method: 'PrivateKey' | 'Secret',
  { chosenSecret = 0 }: Pick<Credential, 'chosenSecret'> = {},
): Credential {
  return method === 'PrivateKey'
    ? generateKeyPair()
    : { clientSecret: new Secret(randomBytes(32).toString('base64url')), chosenSecret: chosenSecret + 1 };
}
