import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../test/cluster/certificates.ts';
import { startConnectProxy } from '../../test/fakes/connect-proxy.ts';
import { generateCertifiedKeyPair } from '../controllers/client/certified-key-pair.ts';
import { tlsFiles } from '../delivery/tls-files.ts';
import type { ClientCertificate } from '../ports/issuer-driver.ts';
import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { ProxySettings } from '../std/proxy.ts';
import { createHttp } from './http.ts';

/** Says which certificate each request came with. */
const authority = await createAuthority('CA of the issuer');
const { certificate, privateKey } = await issueCertificate(authority, {
  commonName: 'issuer',
  hosts: ['127.0.0.1', 'issuer.invalid'],
});
const server = createServer(
  { cert: certificate, key: privateKey, requestCert: true, rejectUnauthorized: false },
  ({ socket }, response) => {
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ shown }));
  },
);
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
const proxy = await startConnectProxy();
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await proxy.close();
});

function aCertificate(): ClientCertificate {
  const files = tlsFiles(generateCertifiedKeyPair())!;
  return { certificate: files['tls.crt'], privateKey: files['tls.key'] };
}
const fingerprintOf = (one: ClientCertificate): string => new X509Certificate(one.certificate).fingerprint256;

test.each<[string, ProxySettings | undefined]>([
  ['straight', undefined],
  ['through a proxy', { httpsProxy: proxy.url.href }],
])('a certificate is shown for the one request that it is for: %s', async (_, settings) => {
  const http = createHttp({
    limits: { concurrency: 4, timeout: seconds(5) },
    clock: systemClock,
    caBundle: authority.certificate,
    ...(settings && { proxy: settings }),
  });
  const shownBy = async (one?: ClientCertificate): Promise<unknown> => {
    // A name that only the proxy knows.
    const host = settings ? 'issuer.invalid' : '127.0.0.1';
    const at = url.replace('127.0.0.1', host);
    const request = { what: 'test', url: at, method: 'GET', headers: {}, answer: 'json' } as const;
    const sent = await http.send(
      { ...request, ...(one && { certificate: one }) },
      new AbortController().signal,
    );
    return sent.ok ? ((await sent.value.json()) as { shown?: string }).shown : sent.error;
  };
  const [ours, theirs] = [aCertificate(), aCertificate()];
  const all = [ours, undefined, theirs, undefined, ours];
  const expected = all.map((one) => one && fingerprintOf(one));
  for (const [n, one] of all.entries()) expect(await shownBy(one)).toBe(expected[n]);
  expect(await Promise.all(all.map(shownBy))).toEqual(expected);
  await http.close();
});

test('a certificate whose key is another is a failure that shows neither', async () => {
  const http = createHttp({
    limits: { concurrency: 1, timeout: seconds(5) },
    clock: systemClock,
    caBundle: authority.certificate,
  });
  const mixed = { ...aCertificate(), privateKey: aCertificate().privateKey };
  const request = { what: 'token request', url, method: 'GET', headers: {}, answer: 'json' } as const;
  const sent = await http.send({ ...request, certificate: mixed }, new AbortController().signal);
  expect(sent).toMatchObject({ ok: false });
  expect(JSON.stringify(sent)).not.toContain('PRIVATE');
  await http.close();
});
