import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { installAudience } from './audiences.ts';
import { applyManifests, type Manifest } from './manifests.ts';
import { Program } from './program.ts';

export interface StubIssuerOptions {
  readonly kube: KubeClient;
  /** For its certificate and its log. */
  readonly dir: string;
  /** Of each token, in seconds. */
  readonly lifetime: number;
}

/** A running stub issuer, as a process of its own. */
export interface StubIssuer {
  readonly program: Program;
  readonly url: string;
  readonly caFile: string;
}

/** As much as an OAuthIssuer may allow, so that our own limits are not what is measured. */
export const widestLimits = { requestsPerSecond: 1000, burst: 10_000, concurrency: 256 };

/** Starts test/stage/stub-issuer.ts and makes it known to the cluster as OAuthIssuer `stub`. */
export async function startStubIssuer({ kube, dir, lifetime }: StubIssuerOptions): Promise<StubIssuer> {
  const tls = await issueLoopbackCertificate(join(dir, 'stub-issuer'));
  const program = new Program({
    entry: join(import.meta.dirname, 'stub-issuer.ts'),
    logFile: join(dir, 'stub-issuer.log'),
    args: ['--cert', tls.certFile, '--key', tls.keyFile, '--lifetime', String(lifetime)],
  });
  const [, url = ''] = await program.says(/stub issuer ready at (https:\S+)/);
  await installAudience(kube, 'stub', url);
  await applyManifests(kube, manifests(url, readFileSync(tls.caFile, 'utf8')));
  return { program, url, caFile: tls.caFile };
}

const manifests = (url: string, caBundle: string): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'stub-issuer', namespace: 'grantor-system' },
    data: { 'ca.crt': caBundle },
  },
  {
    apiVersion: 'grantor.dev/v1alpha1',
    kind: 'OAuthIssuer',
    metadata: { name: 'stub' },
    spec: {
      issuer: url,
      driver: { static: {} },
      // It has no registrations that could hold anybody to a ceiling.
      unenforcedCeiling: 'Accept',
      tls: { caBundleRef: { name: 'stub-issuer', key: 'ca.crt' } },
      limits: { controller: widestLimits },
    },
  },
];
