import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isRunning, stopServer } from '../cluster/server-process.ts';
import { httpsClient } from './https-client.ts';
import { type Server, startListening } from './start-listening.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-listening-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** A server that is a few lines of JavaScript; `port`, `certFile` and `keyFile` are there. */
const aServer = (script: string, more: Partial<Server> = {}): Server => ({
  name: 'a-server',
  ports: 1,
  readyPath: '/ready',
  command: ([port = 0], { certFile, keyFile }) => [
    process.execPath,
    '-e',
    `const [port, certFile, keyFile] = ${JSON.stringify([port, certFile, keyFile])}; ${script}`,
  ],
  ...more,
});

const answering = `
  const { readFileSync } = require('node:fs');
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  require('node:https').createServer(tls, (request, response) => response.end(JSON.stringify(process.env))).listen(port, '127.0.0.1');`;

describe('a server that tests start', () => {
  test('is there when it answers over TLS, with nothing of our environment', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example');
    const options = { dir, report: () => {} };
    const { urls, tls, server } = await startListening(aServer(answering, { env: { MINE: '1' } }), options);
    const client = httpsClient(urls[0]!, tls.caFile);
    const { body } = await client.expect('GET', '/');
    expect(JSON.parse(body)).toMatchObject({ MINE: '1' });
    expect(JSON.parse(body)).not.toHaveProperty('HTTPS_PROXY');
    await client.close();
    await stopServer(server.record);
    expect(isRunning(server.record)).toBe(false);
  });

  test('and ends at once is told with the end of its log', async () => {
    const failing = aServer(`console.error('no room on the moon'); process.exit(1)`);
    await expect(startListening(failing, { dir, report: () => {} })).rejects.toThrow(
      'a-server ended at once:\nno room on the moon',
    );
  });

  test('is started on another port when somebody took its own', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve);
    });
    const address = taken.address() as { readonly port: number };
    let attempts = 0;
    const unlucky: Server = {
      ...aServer(answering),
      command: ([port = 0], tls) => {
        attempts += 1;
        return aServer(answering).command([attempts === 1 ? address.port : port], tls);
      },
    };
    const { server } = await startListening(unlucky, { dir, report: () => {} });
    expect(attempts).toBe(2);
    expect(readFileSync(server.logFile, 'utf8')).toContain('EADDRINUSE');
    await stopServer(server.record);
    taken.close();
  });
});
