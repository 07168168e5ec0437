import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFiles, issueLoopbackCertificate } from '../../test/cluster/certificates.ts';
import { parseTrustedCluster } from './trusted-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantor-trusted-cluster-'));
const file = (name: string): string => join(directory, name);
let certificate: CertificateFiles;
beforeAll(async () => {
  certificate = await issueLoopbackCertificate(file('tls'));
  writeFileSync(file('token'), 'a.bearer.token\n');
  writeFileSync(file('noise'), 'neither a token\nnor a certificate');
  writeFileSync(file('empty'), '\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('--trust-cluster', () => {
  const parse = (text: string) =>
    parseTrustedCluster(text.replaceAll('CA', certificate.caFile).replaceAll('TOKEN', file('token')));

  it('takes an origin for the discovery document at its usual place', () => {
    const parsed = parse('issuer=https://cluster.example,discovery=https://10.0.0.1:6443,ca=CA');
    expect(parsed).toMatchObject({ ok: true, value: { issuer: 'https://cluster.example' } });
    expect(parsed.ok && parsed.value.discovery.href).toBe(
      'https://10.0.0.1:6443/.well-known/openid-configuration',
    );
  });

  it('leaves it to the cluster who its issuer is', () => {
    const parsed = parse('discovery=https://10.0.0.1:6443,ca=CA');
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed.ok && parsed.value.issuer).toBeUndefined();
  });

  it('takes everything after the first = of a member as its value', () => {
    const parsed = parse('issuer=a=b,discovery=https://a.example/d?x=y,ca=CA,token-file=TOKEN');
    expect(parsed).toMatchObject({ ok: true, value: { issuer: 'a=b', tokenFile: file('token') } });
  });

  it.each([
    'issuer=https://a.example',
    'issuer=a b,discovery=https://a.example,ca=CA',
    'issuer=:443,discovery=https://a.example,ca=CA',
    'issuer=,discovery=https://a.example,ca=CA',
    'issuer=a,issuer=b,discovery=https://a.example,ca=CA',
    'issuer=a,discovery=http://a.example,ca=CA',
    'issuer=a,discovery=https://user@a.example,ca=CA',
    'issuer=a,discovery=a.example,ca=CA',
    'issuer=a,discovery=https://a.example,ca=/missing',
    'issuer=a,discovery=https://a.example,ca=CA,token-file=/missing',
    'issuer=a,discovery=https://a.example,ca=CA,token-file=',
    'issuer=a,discovery=https://a.example,ca=CA,insecure=true',
    '',
  ])('refuses %j', (text) => {
    expect(parse(text)).toMatchObject({ ok: false });
  });

  it('refuses a CA file without a certificate', () => {
    expect(parse(`issuer=a,discovery=https://a.example,ca=${file('noise')}`)).toMatchObject({ ok: false });
  });

  it.each(['noise', 'empty'])('refuses a token file of %s', (name) => {
    const text = `issuer=a,discovery=https://a.example,ca=CA,token-file=${file(name)}`;
    expect(parse(text)).toMatchObject({ ok: false, error: `${file(name)} holds no bearer token.` });
  });
});
