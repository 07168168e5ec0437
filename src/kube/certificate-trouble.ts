/**
 * Whether a connection died of a certificate: the server's is not trusted, or ours is not. A handshake that fails so never carried
 * a request to anyone; with TLS 1.3 a server refuses ours a moment later, but also before it reads on (RFC 8446 section 4.4.2.4).
 */
export function isCertificateTrouble(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return untrusted.has(code) || /^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(code);
}

/** What Node.js says of a server's certificate that it refuses, as far as another CA or certificate may mend it. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
