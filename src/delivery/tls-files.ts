import { createPrivateKey } from 'node:crypto';
import type { Credential } from '../domain/credential.ts';
import { Secret } from '../std/secret.ts';

/** The certificate and the key of a credential as PEM, by the names that Kubernetes has for them; undefined where it has no certificate. */
export function tlsFiles({
  privateKey,
  publicKey,
}: Credential): { readonly 'tls.crt': string; readonly 'tls.key': Secret } | undefined {
  const [certificate] = Array.isArray(publicKey?.['x5c']) ? publicKey['x5c'] : [];
  if (privateKey === undefined || typeof certificate !== 'string') return undefined;
  const key = createPrivateKey({ key: privateKey.reveal(), format: 'jwk' });
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return {
    'tls.crt': ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    'tls.key': new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
  };
}
