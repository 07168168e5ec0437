import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../test/cluster/certificates.ts';
import { portOf } from '../../test/fakes/port-of.ts';
import { isCertificateTrouble } from './certificate-trouble.ts';

test('a server that misses our certificate', async () => {
  const { certificate: ca, ...authority } = await createAuthority('a');
  const request = { commonName: 's', hosts: ['127.0.0.1'] };
  const { certificate, privateKey } = await issueCertificate({ certificate: ca, ...authority }, request);
  const server = createServer({
    cert: certificate,
    key: privateKey,
    ca,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect({ port: portOf(server), host: '127.0.0.1', ca });
  const refusal: unknown = await once(socket.resume(), 'close').catch((cause: unknown) => cause);
  server.close();
  expect(isCertificateTrouble(refusal)).toBe(true);
});

test.each([
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
  'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  'CERT_HAS_EXPIRED',
])('%s', (code) => {
  expect(isCertificateTrouble(Object.assign(new Error(), { code }))).toBe(true);
});

test.each([
  undefined,
  null,
  'x',
  new Error('x'),
  { code: 'ECONNRESET' },
  { code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
])('%s is none', (cause) => {
  expect(isCertificateTrouble(cause)).toBe(false);
});
