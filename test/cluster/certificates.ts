// oxlint-disable-next-line import/no-unassigned-import -- the library is wired by decorators and needs this polyfill before it loads
import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { systemClock } from '../../src/std/clock.ts';

/*
 * Throw-away certificates. Node can read X.509 but not issue it, and a fresh machine need not have openssl. Letting the API server sign its own
 * certificate and giving users static tokens would do without, but both are fixed when it starts: with a CA of our own, a test gets an
 * identity with any name and groups at any time, and the embedded issuer gets its serving certificate from the same place.
 */

/** A certificate and its key, both PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads them as the user's groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses of a server; without any the certificate is a client's. */
  readonly hosts?: readonly string[];
  /** A year from now unless another. */
  readonly notAfter?: Date;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const year = 365 * 24 * 3_600_000;
const skew = 3_600_000;

/** A new self-signed CA. */
export async function createAuthority(commonName: string): Promise<IssuedCertificate> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: privateKeyPem(keys) };
}

/** A certificate for a server or a client, signed by `authority`, valid for a year. */
export async function issueCertificate(
  authority: IssuedCertificate,
  request: CertificateRequest,
): Promise<IssuedCertificate> {
  const { commonName, organizations = [], hosts = [], notAfter } = request;
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await newKeys();
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([
      x509.ExtendedKeyUsage[hosts.length > 0 ? 'serverAuth' : 'clientAuth'],
    ]),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
  ];
  if (hosts.length > 0) {
    const names = hosts.map((value) => ({
      type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
      value,
    }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }],
    issuer: issuer.subjectName.toJSON(),
    ...validity(notAfter),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.privateKey).toCryptoKey(algorithm, false, ['sign']),
    extensions,
  });
  return { certificate: certificate.toString('pem'), privateKey: privateKeyPem(keys) };
}

export interface CertificateFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A CA of its own and a serving certificate for `localhost`, `127.0.0.1` and `::1`, written to `directory`. */
export async function issueLoopbackCertificate(directory: string): Promise<CertificateFiles> {
  const authority = await createAuthority('Grantor loopback CA');
  const serving = await issueCertificate(authority, {
    commonName: 'localhost',
    hosts: ['localhost', '127.0.0.1', '::1'],
  });
  mkdirSync(directory, { recursive: true });
  return {
    caFile: writePrivately(join(directory, 'ca.crt'), authority.certificate),
    certFile: writePrivately(join(directory, 'tls.crt'), serving.certificate),
    keyFile: writePrivately(join(directory, 'tls.key'), serving.privateKey),
  };
}

/** Writes a file that only its owner may read, and answers with its path. */
export function writePrivately(file: string, content: string): string {
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function privateKeyPem(keys: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Begins an hour ago, for clocks that differ a little. */
function validity(notAfter = new Date(systemClock.now() + year)): {
  readonly notBefore: Date;
  readonly notAfter: Date;
} {
  return { notBefore: new Date(systemClock.now() - skew), notAfter };
}
