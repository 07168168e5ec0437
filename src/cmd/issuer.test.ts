import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CertificateFiles, issueLoopbackCertificate } from '../../test/cluster/certificates.ts';
import { startOTLPReceiver } from '../../test/tracing/otlp-receiver.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantor-issuer-command-'));
let certificate: CertificateFiles;
let token: string;
beforeAll(async () => {
  certificate = await issueLoopbackCertificate(join(directory, 'tls'));
  token = join(directory, 'initial-access-token');
  writeFileSync(token, 'a-made-up-dcr-credential\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command in a process of its own. */
function start(
  args: readonly string[],
  onOutput?: (child: ChildProcess, text: string) => void,
): Promise<Ended> {
  const program = `import { issuerCommand } from ${JSON.stringify(new URL('./issuer.ts', import.meta.url).href)};
    await issuerCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, '--', ...args]);
  const received = { out: '', errors: '' };
  child.stdout.on('data', (data: Buffer) => {
    received.out += data.toString();
    onOutput?.(child, received.out);
  });
  child.stderr.on('data', (data: Buffer) => {
    received.errors += data.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...received })));
}

const flags = (changes: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    '--port': '0',
    '--tls-cert': certificate.certFile,
    '--tls-key': certificate.keyFile,
    '--state': join(directory, 'state.db'),
    '--initial-access-token-file': token,
    ...changes,
  }).flat();

/** Registers a client by its mark, and answers with its id. */
async function register(issuer: string): Promise<string> {
  const agent = new Agent({ connect: { ca: readFileSync(certificate.caFile, 'utf8') } });
  const { body } = await request(`${issuer}/register`, {
    method: 'POST',
    headers: { authorization: 'Bearer a-made-up-dcr-credential', 'content-type': 'application/json' },
    body: JSON.stringify({ software_id: 'mark' }),
    dispatcher: agent,
  });
  const { client_id } = (await body.json()) as { readonly client_id: string };
  await agent.close();
  return client_id;
}

describe('grantor issuer', () => {
  it('says when it is ready and ends well at SIGTERM', async () => {
    const ended = await start(flags(), (child, out) => {
      if (out.includes('ready')) child.kill('SIGTERM');
    });
    expect(ended).toEqual({
      code: 0,
      out: expect.stringMatching(/^issuer ready at https:\/\/127\.0\.0\.1:\d+\n$/),
      errors: '',
    });
  });

  it('ends within seconds where a collector takes its traces and never answers', async () => {
    const receiver = await startOTLPReceiver();
    receiver.answer('never');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    let asked = 0;
    try {
      const { code, errors } = await start(flags(), (child, out) => {
        const issuer = /ready at (\S+)/.exec(out)?.[1];
        if (issuer === undefined) return;
        void register(issuer).then(() => {
          asked = performance.now();
          child.kill('SIGTERM');
        });
      });
      expect(code).toBe(0);
      expect(errors).not.toContain('traces');
      expect(performance.now() - asked).toBeLessThan(4000);
      expect(receiver.requests).toHaveLength(1);
    } finally {
      vi.unstubAllEnvs();
      await receiver.close();
    }
  });

  it('loses nothing when it is killed', async () => {
    const state = { '--state': join(directory, 'killed.db') };
    const registered: Array<Promise<string>> = [];
    await start(flags(state), (child, out) => {
      const issuer = /ready at (\S+)/.exec(out)?.[1];
      if (issuer === undefined) return;
      const registration = register(issuer);
      registered.push(registration);
      void registration.finally(() => child.kill('SIGKILL'));
    });
    const [first] = await Promise.all(registered);
    const again: Array<Promise<string>> = [];
    await start(flags(state), (child, out) => {
      const issuer = /ready at (\S+)/.exec(out)?.[1];
      if (issuer === undefined) return;
      const registration = register(issuer);
      again.push(registration);
      void registration.finally(() => child.kill('SIGTERM'));
    });
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(await Promise.all(again)).toEqual([first]);
  });

  it('explains each flag', async () => {
    const { code, out } = await start(['--help']);
    expect(code).toBe(0);
    for (const flag of [
      '--issuer',
      '--host',
      '--trust-cluster',
      ...flags().filter((word) => word.startsWith('--')),
    ]) {
      expect(out).toContain(flag);
    }
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a malformed port', { '--port': 'many' }],
    ['a malformed issuer', { '--issuer': 'http://localhost' }],
    ['an unknown flag', { '--insecure': 'true' }],
    ['a token file that is not there', { '--initial-access-token-file': '/missing' }],
    ['a certificate that is not there', { '--tls-cert': '/missing' }],
    ['a state file that cannot be made', { '--state': '/missing/state.db' }],
    ['a malformed cluster', { '--trust-cluster': 'issuer=x' }],
  ])('ends with one line and exit code 2 for %s', async (_what, changes) => {
    const { code, out, errors } = await start(flags(changes));
    expect([code, out]).toEqual([2, '']);
    expect(errors).toMatch(/^error: .+\n$/);
  });
});
