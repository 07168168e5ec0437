import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { assert, constantFrom, nat, property, record, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/std/secret.ts';
import { recordOf, secretsIn } from './remember.ts';
import { scan } from './scan.ts';

const header = Buffer.from('{"alg":"ES256","kid":"key-1"}').toString('base64url');
const payload = Buffer.from('{"sub":"system:serviceaccount:a:b","jti":"4f0e"}').toString('base64url');
const jwt = `${header}.${payload}.c2lnbmF0dXJlLXRoYXQtbm9ib2R5LW1heS1zZWU`;
const password = 'p&ss "wörd"/with+odd=characters';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'grantor-canary-'));
  mkdirSync(join(run, 'secrets'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

function hitsIn(text: string, secrets: readonly string[]): readonly string[] {
  writeFileSync(
    join(run, 'secrets', '1.jsonl'),
    secrets.map((secret) => `${JSON.stringify(secret)}\n`).join(''),
  );
  writeFileSync(join(run, 'program.log'), text);
  return scan(run).hits;
}

describe('the leak canary', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  test.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in a URL', (secret) => encodeURIComponent(secret)],
    ['in a form', (secret) => new URLSearchParams({ secret }).toString()],
    ['in JSON', (secret) => JSON.stringify({ secret })],
    ['in base64', (secret) => base64(secret)],
    ['in base64 after one byte', (secret) => base64(`:${secret}:`)],
    ['in base64 after two bytes', (secret) => base64(`::${secret}:`)],
    ['in base64url', (secret) => Buffer.from(`id:${secret}`).toString('base64url')],
    ['its first half', (secret) => secret.slice(0, secret.length / 2 + header.length / 2)],
    ['its end', (secret) => secret.slice(-16)],
    ['some of its middle', (secret) => secret.slice(-21, -5)],
    ['in an error', (secret) => inspect(new Error(`cannot read ${secret}`))],
  ])('finds a secret %s', (_, leak) => {
    for (const secret of [jwt, password]) {
      expect(hitsIn(`before\n{"msg":"${leak(secret)}"}\nafter`, [secret]), leak(secret)).toHaveLength(1);
    }
  });

  test('is not misled by a page token, which has a name in base64 as tokens have it', () => {
    const named = `${header}.${base64('{"tenantID":"of-some-length-name"}')}.c2ln`;
    const page = base64('{"v":"meta.k8s.io/v1","start":"of-some-length-name/api"}');
    expect(hitsIn(page, [named])).toHaveLength(1);
    expect(hitsIn(String.raw`"/api/v1/events?limit=500\u0026continue=${page}"`, [named])).toEqual([]);
    expect(hitsIn(`continue=${base64(password)}`, [password])).toHaveLength(1);
  });

  test('finds any fragment of 16 bytes, wherever it lies', () => {
    const text = string({ unit: constantFrom(...Array.from('ABCDEFGHIJ0123456789-_.:{}" ')) });
    const cases = record({ before: text, after: text, from: nat(24), seed: nat() });
    assert(
      property(cases, ({ before, after, from, seed }) => {
        const secret = Array.from({ length: 40 }, (_, n) =>
          String.fromCharCode(97 + ((seed + n * n * 7 + n) % 26)),
        ).join('');
        expect(hitsIn(before + secret.slice(from, from + 16) + after, [secret])).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  test('takes neither a shorter fragment nor the header that all tokens share for a leak', () => {
    expect(hitsIn(`x${password.slice(3, 15)}x`, [password])).toEqual([]);
    expect(hitsIn(`{"header":"${header}."}`, [jwt])).toEqual([]);
  });

  test('finds what is secret of a private key, and not what its certificate says as well', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' });
    // At each alignment in which base64 can show the algorithm and the curve.
    for (const before of ['', '0', '00']) {
      const spki = Buffer.concat([Buffer.from(before), der.subarray(0, 26)]).toString('base64');
      expect(hitsIn(spki, [pem])).toEqual([]);
    }
    expect(hitsIn(`key: ${pem.slice(76, 100)}`, [pem])).toHaveLength(1);
  });

  test('says where, in what form and never what', () => {
    expect(hitsIn(`0123456789${password}`, [password])).toEqual([
      'program.log: byte 10 is in a fragment of a secret (raw)',
    ]);
  });

  test('searches 20 MB for a thousand secrets in seconds', () => {
    const secrets = Array.from(
      { length: 1000 },
      (_, n) => `${header}.${base64(`payload ${n} `.repeat(40))}.${n}`,
    );
    const line = `${JSON.stringify({ level: 'info', time: '2026-01-01T00:00:00Z', msg: 'nothing to see' })}\n`;
    const before = performance.now();
    expect(hitsIn(line.repeat(20e6 / line.length), secrets)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(8000);
  });
});

describe('the recorder', () => {
  test('notes what a program puts into a Secret, and the program sees no difference', () => {
    const program = `
      import { Secret } from ${JSON.stringify(join(import.meta.dirname, '../../src/std/secret.ts'))};
      const token = new Secret('a-token-of-some-length');
      new Secret({ kty: 'EC', x: 'public-part-of-the-key', d: 'private-part-of-the-key' });
      console.log(String(token), JSON.stringify({ token }), token.reveal().length, token.equals(new Secret('a-token-of-some-length')), token instanceof Secret);`;
    writeFileSync(join(run, 'program.mts'), program);
    const recorder = join(import.meta.dirname, 'record.ts');
    const { stdout, stderr, pid } = spawnSync(
      process.execPath,
      ['--import', recorder, join(run, 'program.mts')],
      {
        encoding: 'utf8',
        env: { ...process.env, GRANTOR_TEST_RUN: run },
      },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('[secret] {"token":"[secret]"} 22 true true\n');
    expect(
      readFileSync(join(run, 'secrets', `${pid}.jsonl`), 'utf8')
        .trim()
        .split('\n'),
    ).toEqual(['"a-token-of-some-length"', '"private-part-of-the-key"']);
  });

  test('notes what tests put into a Secret in their own process, in a run that is searched', () => {
    const searched = process.env['GRANTOR_TEST_RUN'];
    const value = randomBytes(16).toString('hex');
    expect(String(new Secret(value))).toBe('[secret]');
    const noted = searched === undefined ? '' : readFileSync(recordOf(searched, process.pid), 'utf8');
    expect(noted.includes(value)).toBe(searched !== undefined);
  });

  test('takes the private members of keys, however they are nested', () => {
    expect(secretsIn([{ keys: [{ kty: 'EC', x: 'x', d: 'd' }] }, 'text', 7, null])).toEqual(['d', 'text']);
  });
});
