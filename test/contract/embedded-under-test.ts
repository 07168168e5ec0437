import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedIssuer } from '../../src/embedded-issuer/start-embedded-issuer.ts';
import { createStandardDriver } from '../../src/issuers/standard-driver.ts';
import { createTokenIssuer } from '../../src/issuers/token-issuer.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { ok } from '../../src/std/result.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { startFakeCluster } from '../embedded-issuer/fake-cluster.ts';
import { httpsClient } from '../issuers/https-client.ts';
import { type IssuerProxy, startIssuerProxy } from '../stage/issuer-proxy.ts';
import type { DriverUnderTest } from './issuer-driver/suite.ts';

const cluster = 'https://kubernetes.contract.example';

/** The embedded issuer behind the standard driver. What is between the two may be spoilt, for servers that do less than the RFCs. */
export async function embeddedUnderTest(spoil?: (proxy: IssuerProxy) => void): Promise<DriverUnderTest> {
  await using takeDown = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'grantor-contract-'));
  takeDown.defer(() => rmSync(directory, { recursive: true }));
  const tls = await issueLoopbackCertificate(join(directory, 'tls'));
  const apiServer = takeDown.adopt(await startFakeCluster(cluster, tls), (started) => started.close());
  const [port = 0] = await freePorts(1);
  const origin = `https://127.0.0.1:${port}`;
  const proxy = spoil && takeDown.adopt(await startIssuerProxy(tls), (started) => started.close());
  proxy?.forwardTo(origin);
  if (proxy !== undefined) spoil?.(proxy);
  const issuer = proxy?.url ?? origin;
  const initialAccessToken = new Secret('a-made-up-dcr-credential-for-the-contract');
  const running = await startEmbeddedIssuer({
    issuer,
    host: '127.0.0.1',
    port,
    tls,
    stateFile: join(directory, 'state.db'),
    initialAccessToken,
    trustedClusters: [apiServer.trust],
    log: { info() {}, warn() {}, error() {} },
    clock: systemClock,
    rng: systemRng,
  });
  takeDown.defer(() => running.stop());
  const common = {
    issuer,
    caBundle: readFileSync(tls.caFile, 'utf8'),
    limits: { requestsPerSecond: 200, burst: 100, concurrency: 8, timeout: seconds(5) },
    clock: systemClock,
    rng: systemRng,
  };
  const another = (): IssuerDriver =>
    createStandardDriver({
      initialAccessToken: async () => ok(initialAccessToken),
      ...common,
    });
  const driver = takeDown.adopt(another(), (made) => made.close());
  const client = takeDown.adopt(httpsClient(running.url, tls.caFile), (made) => made.close());
  const all = takeDown.move();
  return {
    driver,
    another,
    tokens: () => createTokenIssuer({ standard: {} }, common),
    issuer,
    cluster,
    async isActive({ token }, { clientID, clientSecret }) {
      const form = {
        client_id: clientID,
        client_secret: clientSecret?.reveal() ?? '',
        token: token.reveal(),
      };
      return (await client.expect('POST', '/introspect', { form })).body.active === true;
    },
    assertionOf: async ({ subject, uid }) =>
      new Secret(
        await apiServer.token({
          sub: subject,
          aud: [issuer],
          'kubernetes.io': { serviceaccount: { uid } },
        }),
      ),
    foreign: () => Promise.reject(new Error('the standard driver adopts nobody')),
    close: () => all.disposeAsync(),
  };
}
