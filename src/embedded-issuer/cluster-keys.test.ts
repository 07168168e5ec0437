import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../test/cluster/certificates.ts';
import { type FakeCluster, startFakeCluster } from '../../test/embedded-issuer/fake-cluster.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { minutes } from '../std/duration.ts';
import { ClusterKeys, keysAddress } from './cluster-keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantor-cluster-keys-'));
const warnings: object[] = [];
const log = {
  info: () => undefined,
  warn: (fields: object) => void warnings.push(fields),
  error: () => undefined,
};
let cluster: FakeCluster;
beforeAll(async () => {
  cluster = await startFakeCluster('https://cluster.example', await issueLoopbackCertificate(directory));
});
afterAll(async () => {
  await cluster.close();
  rmSync(directory, { recursive: true });
});

describe("a cluster's keys", () => {
  it('serve on for an hour when the cluster does not answer any more, and that is logged', async () => {
    const clock = new FakeClock();
    const keys = new ClusterKeys(cluster.trust, { clock, log });
    const { signal } = new AbortController();
    const known = await keys.read(signal);
    cluster.answer({ status: 500 });
    await clock.advance(minutes(60));
    expect(await keys.read(signal)).toBe(known);
    expect(warnings).toEqual([
      {
        event: 'keys.stale',
        cluster: 'https://cluster.example',
        error_detail: expect.stringContaining('500'),
      },
    ]);
    await clock.advance(minutes(1));
    await expect(keys.read(signal)).rejects.toThrow('status 500');
    cluster.answer({ status: 200 });
    expect(await keys.read(signal)).toBe(known);
    await keys.close();
  });
});

describe("the address of a cluster's keys", () => {
  const discovery = new URL('https://10.0.0.1:6443/.well-known/openid-configuration');

  it.each([
    ['https://192.0.2.1:6443/openid/v1/jwks', 'https://10.0.0.1:6443/openid/v1/jwks'],
    ['http://evil.example//other.example/jwks?x=y#z', 'https://10.0.0.1:6443//other.example/jwks'],
    ['https://user:password@evil.example/../jwks', 'https://10.0.0.1:6443/jwks'],
  ])('%s is %s', (jwksURI, address) => {
    expect(keysAddress(discovery, jwksURI).href).toBe(address);
  });

  it.each([undefined, 7, '', '/openid/v1/jwks'])('is refused for %j', (jwksURI) => {
    expect(() => keysAddress(discovery, jwksURI)).toThrow('names no jwks_uri');
  });
});
