import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CertificateFiles,
  createAuthority,
  issueCertificate,
  issueLoopbackCertificate,
} from './certificates.ts';

describe('issueLoopbackCertificate', () => {
  let dir: string;
  let files: CertificateFiles;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'grantor-certificates-'));
    files = await issueLoopbackCertificate(join(dir, 'tls'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it.each(['localhost', '127.0.0.1'])('serves a client that trusts its CA and asks for %s', async (host) => {
    expect(await handshake(files, host, readFileSync(files.caFile, 'utf8'))).toBe('trusted');
  });

  it('does not serve a client that trusts another CA', async () => {
    const other = await createAuthority('another');
    expect(await handshake(files, 'localhost', other.certificate)).toMatch(/unable to|self-signed|signature/);
  });

  it('lets nobody else read the key', () => {
    expect(statSync(files.keyFile).mode & 0o077).toBe(0);
  });
});

describe('issueCertificate', () => {
  it('puts the user into CN and each group into an O of its own', async () => {
    const authority = await createAuthority('CA, with "signs" + more');
    const issued = await issueCertificate(authority, {
      commonName: 'system:serviceaccount:a:b',
      organizations: ['team, one', 'two'],
    });
    const certificate = new X509Certificate(issued.certificate);
    expect(certificate.subject.split('\n')).toEqual([
      'O=team\\, one',
      'O=two',
      'CN=system:serviceaccount:a:b',
    ]);
    expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  it('gives a client no right to serve, nor a server the right to be a client', async () => {
    const authority = await createAuthority('CA');
    const client = await issueCertificate(authority, { commonName: 'c' });
    const server = await issueCertificate(authority, { commonName: 's', hosts: ['s'] });
    expect(new X509Certificate(client.certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(new X509Certificate(server.certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });
});

/** "trusted", or why the client hung up. */
async function handshake(files: CertificateFiles, host: string, ca: string): Promise<string> {
  const server = createServer({ cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca,
      ...(host === 'localhost' ? { servername: host } : {}),
    });
    await once(socket, 'secureConnect');
    socket.destroy();
    return 'trusted';
  } catch (error) {
    return (error as Error).message;
  } finally {
    server.close();
  }
}
