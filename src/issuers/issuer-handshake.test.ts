import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTLSServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../test/cluster/certificates.ts';
import { aCall, aDrivenQuirkyIssuer, shortTimeout } from '../../test/fakes/driven-quirky-issuer.ts';
import { systemClock } from '../std/clock.ts';

const { aDriver } = await aDrivenQuirkyIssuer(shortTimeout);
const authority = await createAuthority('Handshake CA');
const anotherAuthority = await createAuthority('Another CA');
const yesterday = new Date(systemClock.now() - 86_400_000);

type Server = ReturnType<typeof createServer>;
const withTLS = async (
  request: Partial<Parameters<typeof issueCertificate>[1]>,
  by = authority,
): Promise<Server> => {
  const { certificate, privateKey } = await issueCertificate(by, {
    commonName: 'issuer',
    hosts: ['127.0.0.1'],
    ...request,
  });
  return createTLSServer({ cert: certificate, key: privateKey });
};
const withoutTLS = (answer: (socket: Socket) => void): Promise<Server> =>
  Promise.resolve(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    }),
  );

const rows: readonly [name: string, server: () => Promise<Server>, says: RegExp][] = [
  [
    'a certificate of another CA',
    () => withTLS({}, anotherAuthority),
    /is not trusted; put its CA into spec\.tls/,
  ],
  ['a certificate for another host', () => withTLS({ hosts: ['issuer.example'] }), /is for another host/],
  ['a certificate that has expired', () => withTLS({ notAfter: yesterday }), /has expired/],
  [
    'plain HTTP',
    () => withoutTLS((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    /ERR_SSL|EPROTO/,
  ],
  ['the end of the connection', () => withoutTLS((socket) => socket.end()), /ECONNRESET|UND_ERR_SOCKET/],
  ['a reset', () => withoutTLS((socket) => socket.resetAndDestroy()), /the connection was reset/],
];

test.each(rows)(
  'a handshake that is answered with %s is unavailable, and says why',
  async (_, start, says) => {
    const server = await start();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const before = systemClock.now();
    const driver = aDriver({ issuer: `https://127.0.0.1:${port}`, caBundle: authority.certificate });
    const outcome = await driver.discover(aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(!outcome.ok && outcome.error.detail).toMatch(says);
    expect(systemClock.now() - before, 'milliseconds').toBeLessThan(shortTimeout + 600);
  },
);
