import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** The certificate whose key the client has shown to have in the TLS handshake (RFC 8705). */
export function clientCertificate({ req: { socket } }: KoaContextWithOIDC): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

/** A client certificate has to be of this length at most, as base64. */
const longest = 4096;

/** Whether a JWK has one certificate and no chain: nothing of a chain would be looked at. */
export function hasCertificate(jwk: unknown): boolean {
  const { x5c } = (jwk ?? {}) as { readonly x5c?: unknown };
  const [certificate, ...chain] = Array.isArray(x5c) ? (x5c as readonly unknown[]) : [];
  return (
    typeof certificate === 'string' &&
    certificate.length <= longest &&
    chain.length === 0 &&
    isX509(certificate)
  );
}

function isX509(certificate: string): boolean {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}
