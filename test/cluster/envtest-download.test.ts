import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../src/std/result.ts';
import { binaryNames, missingBinaries } from './binary-set.ts';
import { archiveSource } from './envtest-download.ts';

let dir: string;
let target: string;
let server: Server | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-download-'));
  target = join(dir, 'cache');
  mkdirSync(target);
  for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '127.0.0.1');
});
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  rmSync(dir, { recursive: true });
});

function anArchive(): Buffer {
  const programs = join(dir, 'controller-tools/envtest');
  mkdirSync(programs, { recursive: true });
  for (const name of binaryNames) writeFileSync(join(programs, name), `#!${name}`, { mode: 0o755 });
  execFileSync('tar', ['-czf', join(dir, 'archive.tar.gz'), '-C', dir, 'controller-tools']);
  return readFileSync(join(dir, 'archive.tar.gz'));
}

const sha512Of = (content: Buffer): string => createHash('sha512').update(content).digest('hex');

async function provideFrom(listener: RequestListener, sha512: string): Promise<Result<void, string>> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.gz`;
  return archiveSource({ folder: 'a', url, sha512 }).provide(target, () => {});
}

describe('archiveSource', () => {
  it('follows a redirect, checks and unpacks', async () => {
    const archive = anArchive();
    const result = await provideFrom((request, response) => {
      if (request.url === '/a.tar.gz') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end(archive);
    }, sha512Of(archive));
    expect(result.ok).toBe(true);
    expect(missingBinaries(target)).toEqual([]);
    expect(readdirSync(target).sort()).toEqual([...binaryNames].sort());
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      'has another content than was pinned',
      (_, response) => response.end('something else'),
      /another checksum/,
    ],
    ['is not there', (_, response) => response.writeHead(404).end(), /out of reach \(HTTP 404\)/],
    [
      'breaks off',
      (_, response) => response.writeHead(200, { 'content-length': 9 }).write('x', () => response.destroy()),
      /out of reach/,
    ],
  ])('leaves nothing behind when the archive %s', async (_what, listener, reason) => {
    expect(await provideFrom(listener, sha512Of(Buffer.from('right')))).toMatchObject({
      ok: false,
      error: expect.stringMatching(reason),
    });
    expect(readdirSync(target)).toEqual([]);
  });

  it('says so when there is none for this platform', async () => {
    const source = archiveSource({ folder: 'a', url: 'http://127.0.0.1/', sha512: undefined });
    expect(await source.provide(target, () => {})).toMatchObject({ ok: false });
  });
});
