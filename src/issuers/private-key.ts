import { createPrivateKey } from 'node:crypto';
import type { Json } from '../std/canonical-json.ts';
import { Secret } from '../std/secret.ts';

/**
 * A private key for ES256, as people make it (P-256, PKCS#8, PEM), as a JWK; undefined for anything else. It bears no `kid`: whoever
 * registered its public half knows best what that is called.
 */
export function readPrivateKey(pem: Secret): Secret<{ readonly [member: string]: Json }> | undefined {
  try {
    const key = createPrivateKey(pem.reveal()).export({ format: 'jwk' }) as { readonly [m: string]: Json };
    return key['crv'] === 'P-256' ? new Secret(key) : undefined;
  } catch {
    return undefined;
  }
}
