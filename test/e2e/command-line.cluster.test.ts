import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { root } from '../stage/stage.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const run = (command: string, args: readonly string[], variables = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, ...variables };
    execFile(command, [...args], { cwd: root, timeout: 15_000, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
const grantor = (args: readonly string[], variables = {}): Promise<Ended> =>
  run(process.execPath, [join(root, 'src/cmd/grantor.ts'), ...args], variables);

const dir = mkdtempSync(join(tmpdir(), 'grantor-command-line-'));
const file = (name: string): string => join(dir, name);

beforeAll(async () => {
  await issueLoopbackCertificate(dir);
  mkdirSync(file('folder'));
  writeFileSync(file('token'), 'long-enough-to-be-a-token');
  writeFileSync(file('empty'), '');
  writeFileSync(file('short'), 'short');
  writeFileSync(file('noise'), 'this is neither YAML: nor: PEM {');
  writeFileSync(
    file('elsewhere'),
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://kube.invalid' } }],
      users: [{ name: 'u', user: { token: 'x' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  writeFileSync(file('no-context'), '{apiVersion: v1, kind: Config, current-context: nowhere}');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let commandLines = 0;

/** A command line that would work, with some flags replaced, or taken out by undefined. */
const issuer = (flags: Record<string, string | undefined>): readonly string[] => {
  const good = {
    port: '0',
    'tls-cert': file('tls.crt'),
    'tls-key': file('tls.key'),
    // One for each: an issuer locks its state, and these run side by side.
    state: file(`state-${++commandLines}.db`),
    'initial-access-token-file': file('token'),
  };
  const all = Object.entries<string | undefined>({ ...good, ...flags });
  return ['issuer', ...all.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))];
};

describe('a command line that is wrong', () => {
  const rows: readonly [what: string, args: () => readonly string[], says: string][] = [
    ['an unknown command', () => ['issue'], "'issue'"],
    ['an unknown flag', () => ['controller', '--kubeconfg', 'x'], '--kubeconfg'],
    ['a malformed address', () => ['controller', '--probes', 'here'], '--probes'],
    ['a port out of range', () => ['controller', '--probes', ':70000'], '--probes'],
    ['an unknown log level', () => ['controller', '--log-level', 'loud'], '--log-level'],
    ['a malformed cluster id', () => ['controller', '--cluster-id', 'a b'], '--cluster-id'],
    [
      'no ServiceAccount issuer',
      () => ['controller', '--service-account-issuer', ''],
      '--service-account-issuer',
    ],
    [
      'a ServiceAccount issuer in words',
      () => ['controller', '--service-account-issuer', 'not a url'],
      '--service-account-issuer',
    ],
    ['a kubeconfig that is not there', () => ['controller', '--kubeconfig', file('nowhere')], 'nowhere'],
    ['a kubeconfig that is none', () => ['controller', '--kubeconfig', file('noise')], 'noise'],
    ['a kubeconfig without its context', () => ['controller', '--kubeconfig', file('no-context')], 'nowhere'],
    ['no cluster to run in', () => ['controller'], '--kubeconfig'],
    ['a required flag left out', () => issuer({ state: undefined }), '--state'],
    ['a certificate that is not there', () => issuer({ 'tls-cert': file('nowhere') }), 'nowhere'],
    ['a certificate that is none', () => issuer({ 'tls-cert': file('noise') }), 'noise'],
    ['a key that is none', () => issuer({ 'tls-key': file('noise') }), 'noise'],
    ['a state file that is a folder', () => issuer({ state: file('folder') }), 'folder'],
    ['a state file that is none', () => issuer({ state: file('noise') }), 'noise'],
    [
      'an initial access token that is too short',
      () => issuer({ 'initial-access-token-file': file('short') }),
      'short',
    ],
    ['a malformed port', () => issuer({ port: 'https' }), '--port'],
    ['no host', () => issuer({ host: '' }), '--host'],
    ['a malformed host', () => issuer({ host: 'not a host' }), '--host'],
    ['all addresses without an identifier', () => issuer({ host: '0.0.0.0' }), 'identifier'],
    ['all addresses in another spelling', () => issuer({ host: '0:0:0:0:0:0:0:0' }), 'identifier'],
    ['an issuer identifier with a path', () => issuer({ issuer: 'https://a.example/b' }), 'identifier'],
    ['a trusted cluster in other words', () => issuer({ 'trust-cluster': 'everybody' }), '--trust-cluster'],
    [
      'a trusted cluster that no token can be of',
      () => issuer({ 'trust-cluster': `issuer=a b,discovery=https://a.example,ca=${file('tls.crt')}` }),
      'without spaces',
    ],
    [
      'several trusted clusters of which one says itself who it is',
      () => {
        const cluster = `discovery=https://a.example,ca=${file('tls.crt')}`;
        return [...issuer({ 'trust-cluster': `issuer=a,${cluster}` }), '--trust-cluster', cluster];
      },
      'issuer is needed where several clusters are trusted',
    ],
    [
      'a trusted cluster with an empty token file',
      () =>
        issuer({
          'trust-cluster': `issuer=a,discovery=https://a.example,ca=${file('tls.crt')},token-file=${file('empty')}`,
        }),
      'empty holds no bearer token',
    ],
    [
      'a trusted cluster without its CA',
      () => issuer({ 'trust-cluster': `issuer=a,discovery=https://a.example,ca=${file('nowhere')}` }),
      'nowhere',
    ],
  ];

  test.concurrent.each(rows)('%s ends the program with one line and exit code 2', async (_, args, says) => {
    const { code, out, err } = await grantor(args());
    expect({ code, out, lines: err.split('\n').length - 1 }, err).toEqual({ code: 2, out: '', lines: 1 });
    expect(err).toContain(says);
    expect(err).toMatch(/^error: /);
  });
});

test.concurrent('a proxy of another sort ends the program in the same way, and is not quoted', async () => {
  const proxy = { HTTPS_PROXY: 'socks5://me:password@proxy.example' };
  const ended = await grantor(['controller', '--kubeconfig', file('elsewhere')], proxy);
  expect(ended).toEqual({ code: 2, out: '', err: 'error: HTTPS_PROXY is not an http(s) URL\n' });
});

describe('--help', () => {
  test.concurrent.each(['controller', 'issuer'])('of %s explains each flag', async (command) => {
    const { code, out } = await grantor([command, '--help']);
    expect(code).toBe(0);
    const flags = out.split(/\n(?= {2}-)/).slice(1);
    expect(flags.length).toBeGreaterThan(6);
    for (const flag of flags) expect(flag).toMatch(/^ {2}(-\w, )?--[\w-]+( <[^>]*>)?\s+\S+ \S+/);
    expect(out).not.toContain('default: []');
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.concurrent('is there by the name that package.json gives the program', async () => {
    const { code, out } = await run('npx', ['--no', 'grantor', 'issuer', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: grantor issuer');
  });
});
