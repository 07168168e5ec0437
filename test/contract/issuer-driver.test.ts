import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedIssuer } from '../../src/embedded-issuer/start-embedded-issuer.ts';
import { createStandardDriver } from '../../src/issuers/standard-driver.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { ok } from '../../src/std/result.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { startFakeCluster } from '../embedded-issuer/fake-cluster.ts';
import { aServiceAccountToken, FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';
import { type DriverUnderTest, describeIssuerDriver } from './issuer-driver.ts';

const cluster = 'https://kubernetes.contract.example';

async function standardDriver(): Promise<DriverUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'grantor-contract-'));
  const certificate = await issueLoopbackCertificate(join(directory, 'tls'));
  const apiServer = await startFakeCluster(cluster, certificate);
  const initialAccessToken = new Secret('a-made-up-dcr-credential-for-the-contract');
  const issuer = await startEmbeddedIssuer({
    host: '127.0.0.1',
    port: 0,
    tls: certificate,
    stateFile: join(directory, 'state.db'),
    initialAccessToken,
    trustedClusters: [apiServer.trust],
    log: { info() {}, warn() {}, error() {} },
    clock: systemClock,
    rng: systemRng,
  });
  const another = (): IssuerDriver =>
    createStandardDriver({
      issuer: issuer.url,
      initialAccessToken: async () => ok(initialAccessToken),
      caBundle: readFileSync(certificate.caFile, 'utf8'),
      limits: { requestsPerSecond: 200, burst: 100, concurrency: 8, timeout: seconds(5) },
      clock: systemClock,
      rng: systemRng,
    });
  const driver = another();
  return {
    driver,
    cluster,
    another,
    assertionOf: async ({ subject, uid }) =>
      new Secret(
        await apiServer.token({
          sub: subject,
          aud: [issuer.url],
          'kubernetes.io': { serviceaccount: { uid } },
        }),
      ),
    async close() {
      await driver.close();
      await issuer.stop();
      await apiServer.close();
      rmSync(directory, { recursive: true });
    },
  };
}

describeIssuerDriver('the standard driver before the embedded issuer', standardDriver);

describeIssuerDriver('the fake', async () => {
  const another = () =>
    new FakeIssuerDriver({ issuer: 'https://issuer.fake.example', clock: systemClock, rng: systemRng });
  return {
    driver: another(),
    cluster,
    another,
    assertionOf: async (workload) => aServiceAccountToken(workload),
    close: async () => {},
  };
});
