import { randomBytes } from 'node:crypto';
import type { Credential } from '../../domain/credential.ts';
import type { StoredMethod } from '../../domain/grant.ts';
import { generateKeyPair } from '../../issuance/key-pair.ts';
import { Secret } from '../../std/secret.ts';
import { generateCertifiedKeyPair } from './certified-key-pair.ts';

/** A new credential: a key pair, one with a certificate, or a secret of 256 bits, the next of those that we chose. */
export function generateCredential(
  method: StoredMethod,
  { chosenSecret = 0 }: Pick<Credential, 'chosenSecret'> = {},
): Credential {
  switch (method) {
    case 'PrivateKey':
      return generateKeyPair();
    case 'MutualTLS':
      return generateCertifiedKeyPair();
    case 'Secret':
      return {
        clientSecret: new Secret(randomBytes(32).toString('base64url')),
        chosenSecret: chosenSecret + 1,
      };
  }
}
