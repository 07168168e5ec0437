import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../test/cluster/certificates.ts';
import {
  aRegistration,
  IssuerFixture,
  initialAccessToken,
} from '../../test/embedded-issuer/issuer-fixture.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { minutes } from '../std/duration.ts';
import { listenTls } from './tls-server.ts';

let issuer: IssuerFixture;
beforeAll(async () => {
  issuer = await IssuerFixture.start();
});
afterAll(() => issuer.stop());

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('discovery', () => {
  it.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    'at %s names this issuer and only what it has, whatever it is called by',
    async (path) => {
      const { status, json } = await issuer.send('GET', path, { host: 'evil.example' });
      expect(status).toBe(200);
      const { url } = issuer.running;
      expect(json).toMatchObject({
        issuer: url,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        registration_endpoint: `${url}/register`,
        introspection_endpoint: `${url}/introspect`,
        revocation_endpoint: `${url}/revoke`,
        grant_types_supported: ['client_credentials'],
        grantor_registration_supported: true,
        grantor_registration_idempotent: true,
        grantor_workload_federation_supported: false,
      });
      expect(json).not.toHaveProperty('authorization_endpoint');
    },
  );

  it('has a registration_client_uri that does not follow the Host header', async () => {
    const { json } = await issuer.send('POST', '/register', {
      host: 'evil.example',
      authorization: `Bearer ${initialAccessToken}`,
      'content-type': 'application/json',
      body: JSON.stringify(aRegistration()),
    });
    expect(json['registration_client_uri']).toBe(
      `${issuer.running.url}/register/${String(json['client_id'])}`,
    );
  });

  it('publishes public keys only', async () => {
    const { json } = await issuer.send('GET', '/jwks');
    expect(json).toEqual({
      keys: [expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })],
    });
    expect(JSON.stringify(json)).not.toContain('"d"');
  });
});

describe('the server', () => {
  it('says that it is healthy', async () => {
    expect((await issuer.send('GET', '/healthz')).json).toEqual({ status: 'ok' });
  });

  it.each<[string, string, number]>([
    ['GET', '/', 404],
    ['GET', '/auth', 404],
    ['GET', '/session/end', 404],
    ['POST', '/session/end/confirm', 404],
    ['GET', '/me', 404],
    ['GET', '/TOKEN', 404],
    ['GET', '/register/a/b', 404],
    ['GET', '//evil.example/token', 404],
    ['GET', '/token', 405],
    ['PUT', '/register', 405],
    ['POST', '/jwks', 405],
    ['OPTIONS', '/token', 405],
  ])('answers %s %s with %i and JSON, to browsers too', async (method, path, expected) => {
    const { status, headers, json } = await issuer.send(method, path, { accept: 'text/html' });
    expect([status, headers['content-type']]).toEqual([expected, 'application/json; charset=utf-8']);
    expect(json).toHaveProperty('error');
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it.each(['/token', '/register', '/introspect'])(
    'answers errors of %s in JSON to browsers too',
    async (path) => {
      const { headers, json } = await issuer.send('POST', path, {
        accept: 'text/html',
        'content-type': 'text/html',
        body: 'x',
      });
      expect(String(headers['content-type'])).toContain('application/json');
      expect(json).toHaveProperty('error');
    },
  );

  it('waits for nobody for long, and for a limited number of connections', async () => {
    const clock = new FakeClock();
    const listening = await listenTls({
      host: '127.0.0.1',
      port: 0,
      ...issuer.certificate,
      clock,
      log,
    });
    expect(listening.server).toMatchObject({
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 60_000,
      maxConnections: 1024,
    });
    await listening.close();
  });

  it('refuses headers beyond the limit', async () => {
    expect((await issuer.send('GET', '/healthz', { 'x-long': 'x'.repeat(17_000) })).status).toBe(431);
  });
});

describe('options that cannot work are refused', () => {
  it.each<[string, Parameters<IssuerFixture['startIssuer']>[0], string]>([
    ['an issuer without TLS', { issuer: 'http://localhost' }, 'ISSUER_CONFIG'],
    ['an issuer with a path', { issuer: 'https://localhost/tenant' }, 'ISSUER_CONFIG'],
    ['an issuer with a slash at the end', { issuer: 'https://localhost/' }, 'ISSUER_CONFIG'],
    ['all addresses without an issuer', { host: '0.0.0.0' }, 'ISSUER_CONFIG'],
    ['no certificate', { tls: { certFile: '/missing', keyFile: '/missing' } }, 'ISSUER_CONFIG'],
  ])('%s', async (_what, options, code) => {
    const stateFile = join(issuer.directory, 'other.db');
    await expect(issuer.startIssuer({ stateFile, ...options })).rejects.toMatchObject({ code });
  });

  it('a certificate that is none', async () => {
    const file = join(issuer.directory, 'none.pem');
    writeFileSync(file, 'none');
    const options = { stateFile: join(issuer.directory, 'other.db'), tls: { certFile: file, keyFile: file } };
    await expect(issuer.startIssuer(options)).rejects.toMatchObject({ code: 'ISSUER_CONFIG' });
  });

  it('a port that is taken', async () => {
    const options = { stateFile: join(issuer.directory, 'other.db'), port: issuer.running.port };
    await expect(issuer.startIssuer(options)).rejects.toMatchObject({ code: 'ISSUER_LISTEN' });
  });
});

describe('the serving certificate', () => {
  const peer = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('is exchanged when its files change, and kept when they become unusable', async () => {
    const directory = join(issuer.directory, 'renewal');
    const files = await issueLoopbackCertificate(directory);
    const clock = new FakeClock();
    const server = await listenTls({ host: '127.0.0.1', port: 0, ...files, clock, log });
    const checked = async () => {
      await clock.advance(minutes(1));
      for (let n = 0; clock.pending === 0 && n < 1000; n += 1) await clock.settle();
      return peer(server.port);
    };
    const first = await peer(server.port);
    expect(await checked()).toBe(first);
    await issueLoopbackCertificate(directory);
    const second = await checked();
    expect(second).not.toBe(first);
    writeFileSync(files.certFile, 'half written');
    expect(await checked()).toBe(second);
    await server.close();
    expect(clock.pending).toBe(0);
  });
});
