import { asJWKs, type KeyPair, newKeyPair } from '../../issuance/key-pair.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** A new key pair with a certificate for a TLS client, which is the `x5c` of the public key (RFC 7517 section 4.7). */
export function generateCertifiedKeyPair(): KeyPair {
  const made = newKeyPair();
  const { privateKey, publicKey } = asJWKs(made);
  return { privateKey, publicKey: { ...publicKey, x5c: [selfSignedCertificate(made).toString('base64')] } };
}
