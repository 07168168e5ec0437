import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
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
import { aClient } from './issuer-driver/data.ts';
import { type DriverUnderTest, describeIssuerDriver, type IssuerKind } from './issuer-driver/suite.ts';
import { embedded, fake, fakeByMark } from './issuer-kinds.ts';
import { describeManagementByMark } from './managed-by-mark.ts';

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
  const ca = readFileSync(certificate.caFile, 'utf8');
  const another = (): IssuerDriver =>
    createStandardDriver({
      issuer: issuer.url,
      initialAccessToken: async () => ok(initialAccessToken),
      caBundle: ca,
      limits: { requestsPerSecond: 200, burst: 100, concurrency: 8, timeout: seconds(5) },
      clock: systemClock,
      rng: systemRng,
    });
  const driver = another();
  const agent = new Agent({ connect: { ca } });
  return {
    driver,
    issuer: issuer.url,
    cluster,
    another,
    async isActive({ token }, { clientID, clientSecret }) {
      const fields = {
        client_id: clientID,
        client_secret: clientSecret?.reveal() ?? '',
        token: token.reveal(),
      };
      const { body } = await request(`${issuer.url}/introspect`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
        dispatcher: agent,
      });
      return ((await body.json()) as { readonly active?: unknown }).active === true;
    },
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
      await agent.close();
      await issuer.stop();
      await apiServer.close();
      rmSync(directory, { recursive: true });
    },
  };
}

describeIssuerDriver(embedded, standardDriver);

const inMemory = (kind: IssuerKind) => async (): Promise<DriverUnderTest> => {
  const issuer = 'https://issuer.fake.example';
  const another = (): FakeIssuerDriver => {
    const driver = new FakeIssuerDriver({ issuer, clock: systemClock, rng: systemRng });
    for (const capability of kind.capabilities) driver.capabilities.add(capability);
    return driver;
  };
  const driver = another();
  return {
    driver,
    another,
    issuer,
    cluster,
    isActive: async (token) => driver.isActive(token),
    assertionOf: async (workload) => aServiceAccountToken(workload),
    close: async () => {},
  };
};

describeIssuerDriver(fake, inMemory(fake));
describeIssuerDriver(fakeByMark, inMemory(fakeByMark));
describeManagementByMark('the fake', async () => {
  const driver = new FakeIssuerDriver({
    issuer: 'https://issuer.fake.example',
    clock: systemClock,
    rng: systemRng,
  });
  driver.capabilities.add('ManageByMark').add('Adopt');
  let count = 0;
  return {
    driver,
    async foreign() {
      count += 1;
      driver.registerByOtherMeans(`foreign-${count}`, aClient());
      return `foreign-${count}`;
    },
    close: async () => {},
  };
});
