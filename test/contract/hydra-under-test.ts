import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenHook } from '../../src/issuers/hydra/capabilities.ts';
import { createHydraDriver } from '../../src/issuers/hydra/hydra-driver.ts';
import { createTokenIssuer } from '../../src/issuers/token-issuer.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { httpsClient } from '../issuers/https-client.ts';
import { aSigningCluster } from '../issuers/signing-cluster.ts';
import { startTestHydra } from '../issuers/test-issuers.ts';
import { startIssuerProxy } from '../stage/issuer-proxy.ts';
import { clusterID } from './issuer-driver/data.ts';
import type { DriverUnderTest } from './issuer-driver/suite.ts';

const hookProgram = join(import.meta.dirname, '../../examples/hydra-token-hook/hook.ts');

const withTokenHook = (url: string) => ({
  oauth2: {
    token_hook: url,
    allowed_top_level_claims: ['tenant_id', 'roles'],
    mirror_top_level_claims: false,
    grant: { jwt: { max_ttl: '24h' } },
  },
});

export interface HydraUnderTest {
  /** What the hook of examples/hydra-token-hook is there for; none without. */
  readonly tokenHook?: TokenHook;
  /** Whether each page of its lists holds one client, whatever is asked for. */
  readonly shortPages?: boolean;
}

/** A real Hydra of its own behind its driver. */
export async function hydraUnderTest({
  tokenHook = [],
  shortPages = false,
}: HydraUnderTest = {}): Promise<DriverUnderTest> {
  await using takeDown = new AsyncDisposableStack();
  const [hookPort = 0] = await freePorts(1);
  const config = tokenHook.length > 0 ? withTokenHook(`http://127.0.0.1:${hookPort}`) : {};
  const hydra = takeDown.adopt(await startTestHydra(config), (started) => started.stop());
  if (tokenHook.length > 0) {
    const hook = spawn(process.execPath, [hookProgram, String(hookPort)], {
      stdio: 'inherit',
      env: { ...process.env, HYDRA_ADMIN: hydra.adminUrl, NODE_EXTRA_CA_CERTS: hydra.caFile },
    });
    takeDown.defer(() => void hook.kill());
  }
  const proxy = takeDown.adopt(await startIssuerProxy(hydra.tls), (started) => started.close());
  proxy.forwardTo(hydra.adminUrl, (path) =>
    shortPages ? path.replace(/page_size=\d+/, 'page_size=1') : path,
  );
  const cluster = await aSigningCluster(clusterID);
  const common = {
    issuer: hydra.url,
    caBundle: readFileSync(hydra.caFile, 'utf8'),
    limits: { requestsPerSecond: 1000, burst: 1000, concurrency: 8, timeout: seconds(5) },
    clock: systemClock,
    rng: systemRng,
  };
  const another = (): IssuerDriver =>
    createHydraDriver({
      adminURL: proxy.url,
      tokenHook,
      cluster,
      ...common,
    });
  const driver = takeDown.adopt(another(), (made) => made.close());
  const admin = takeDown.adopt(httpsClient(hydra.adminUrl, hydra.caFile), (made) => made.close());
  const tokenEndpoint = `${hydra.url}/oauth2/token`;
  const all = takeDown.move();
  return {
    driver,
    another,
    tokens: () =>
      createTokenIssuer(
        { hydra: { adminURL: proxy.url, adminAuthentication: 'None', tokenHook: [...tokenHook] } },
        common,
      ),
    issuer: hydra.url,
    // The audience of an assertion comes back in the token that is given for it.
    toleratedAudiences: [tokenEndpoint],
    cluster: cluster.issuer,
    assertionOf: (workload) => cluster.token(workload, tokenEndpoint),
    async isActive({ token }) {
      const form = { token: token.reveal() };
      return (await admin.expect('POST', '/admin/oauth2/introspect', { form })).body.active === true;
    },
    async foreign() {
      const json = { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' };
      return (await admin.expect('POST', '/admin/clients', { json })).body.client_id;
    },
    close: () => all.disposeAsync(),
  };
}
