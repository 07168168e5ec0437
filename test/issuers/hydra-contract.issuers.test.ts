import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { createHydraDriver } from '../../src/issuers/hydra/hydra-driver.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import {
  type DriverUnderTest,
  describeIssuerDriver,
  type IssuerKind,
} from '../contract/issuer-driver/suite.ts';
import { httpsClient } from './https-client.ts';
import { aSigningCluster } from './signing-cluster.ts';
import { hydraIsThere, startTestHydra } from './test-issuers.ts';

/** Ory Hydra as it comes, without a token hook. */
const hydraKind: IssuerKind = {
  name: 'Hydra',
  capabilities: [
    ...(['Register', 'IdempotentRegister', 'Update', 'Deregister', 'ManageByMark', 'Adopt'] as const),
    ...(['Compare', 'List', 'EnforceCeiling', 'HoldKeys', 'AuthorizationCode', 'PublicClient'] as const),
    ...(['FederatedAuthentication', 'PrivateKeyAuthentication', 'SecretAuthentication'] as const),
    ...(['ChooseSecret', 'Revoke', 'RevokeAll'] as const),
  ],
  federation: ['JWTBearer'],
  traits: [],
  refusals: {
    audience: 'invalid_request',
    scope: 'invalid_scope',
    wrongSecret: 'invalid_client',
    unknownClient: 'invalid_client',
  },
};

async function hydraDriver(): Promise<DriverUnderTest> {
  const hydra = await startTestHydra();
  const admin = httpsClient(hydra.adminUrl, hydra.caFile);
  const cluster = await aSigningCluster();
  const another = (): IssuerDriver =>
    createHydraDriver({
      issuer: hydra.url,
      adminURL: hydra.adminUrl,
      tokenHook: [],
      cluster,
      caBundle: readFileSync(hydra.caFile, 'utf8'),
      limits: { requestsPerSecond: 500, burst: 500, concurrency: 8, timeout: seconds(5) },
      clock: systemClock,
      rng: systemRng,
    });
  const driver = another();
  return {
    driver,
    another,
    issuer: hydra.url,
    toleratedAudiences: [`${hydra.url}/oauth2/token`],
    cluster: cluster.issuer,
    assertionOf: (workload) => cluster.token(workload, `${hydra.url}/oauth2/token`),
    async isActive({ token }) {
      const answer = await admin.expect('POST', '/admin/oauth2/introspect', {
        form: { token: token.reveal() },
      });
      return answer.body.active === true;
    },
    async foreign() {
      const clientID = systemRng.uuid();
      await admin.expect('POST', '/admin/clients', { json: { client_id: clientID } });
      return clientID;
    },
    async close() {
      await Promise.all([driver.close(), admin.close()]);
      await hydra.stop();
    },
  };
}

describe.skipIf(!hydraIsThere())('with a real server', () => {
  describeIssuerDriver(hydraKind, hydraDriver);
});
