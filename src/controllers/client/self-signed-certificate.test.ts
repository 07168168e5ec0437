import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { tlsFiles } from '../../delivery/tls-files.ts';
import { generateCertifiedKeyPair } from './certified-key-pair.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

test('a certificate is one to everybody who reads X.509: of this key, by this key, for ever', () => {
  // The lengths of a signature differ from one to the next.
  for (let n = 0; n < 200; n += 1) {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const certificate = new X509Certificate(selfSignedCertificate(keys));
    expect(certificate.verify(keys.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(keys.privateKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect([certificate.validFromDate.getUTCFullYear(), certificate.validToDate.getUTCFullYear()]).toEqual([
      2026, 9999,
    ]);
    expect(certificate.subject).toMatch(/^CN=[0-9a-f]{32}$/);
    expect(certificate.serialNumber).toMatch(/^01[0-9A-F]{32}$/);
  }
});

test('a credential is kept as JWKs and handed out as PEM, key and certificate belonging together', () => {
  const pair = generateCertifiedKeyPair();
  const files = tlsFiles(pair)!;
  const certificate = new X509Certificate(files['tls.crt']);
  expect(certificate.checkPrivateKey(createPrivateKey(files['tls.key'].reveal()))).toBe(true);
  expect(pair.publicKey['x5c']).toEqual([certificate.raw.toString('base64')]);
  expect(JSON.stringify(pair.publicKey)).not.toContain(pair.privateKey.reveal()['d']);
  const { x5c: _, ...bare } = pair.publicKey;
  expect(tlsFiles({ ...pair, publicKey: bare })).toBeUndefined();
});
