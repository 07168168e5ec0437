import { readFileSync } from 'node:fs';
import { createKeycloakDriver } from '../../src/issuers/keycloak/keycloak-driver.ts';
import { createTokenIssuer } from '../../src/issuers/token-issuer.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { ok } from '../../src/std/result.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { startFakeCluster } from '../embedded-issuer/fake-cluster.ts';
import { httpsClient } from '../issuers/https-client.ts';
import { clusterAlias, createRealm } from '../issuers/realm.ts';
import type { Keycloak } from '../issuers/start-keycloak.ts';
import type { DriverUnderTest } from './issuer-driver/suite.ts';

/** A realm of a real Keycloak behind its driver, which logs in with the token of Grantor's ServiceAccount. */
export async function keycloakUnderTest(keycloak: Keycloak): Promise<DriverUnderTest> {
  await using takeDown = new AsyncDisposableStack();
  const cluster = takeDown.adopt(await startFakeCluster(undefined, keycloak.tls), (started) =>
    started.close(),
  );
  const { issuer: clusterIssuer } = cluster.trust;
  const realm = takeDown.adopt(await createRealm(keycloak, { cluster: clusterIssuer }), (made) =>
    made.remove(),
  );
  const introspector = { clientId: 'introspector', secret: systemRng.uuid() };
  await realm.admin.send('POST', `/${realm.name}/clients`, {
    ...introspector,
    publicClient: false,
    // Keycloak calls a token inactive when whoever asks is not one of its audiences.
    attributes: { 'allow.token.introspection.without.audience.check': 'true' },
  });
  const tokenOf = async (subject: string): Promise<Secret> =>
    new Secret(await cluster.token({ sub: subject, aud: realm.issuer }));
  const common = {
    issuer: realm.issuer,
    caBundle: readFileSync(keycloak.caFile, 'utf8'),
    limits: { requestsPerSecond: 200, burst: 100, concurrency: 8, timeout: seconds(10) },
    clock: systemClock,
    rng: systemRng,
  };
  const another = (): IssuerDriver =>
    createKeycloakDriver({
      identityProvider: clusterAlias,
      login: {
        clientID: realm.federated.clientID,
        authenticate: async () =>
          ok({
            method: 'Federated',
            by: 'ClientAssertion',
            assertion: await tokenOf(realm.federated.subject),
          }),
      },
      ...common,
    });
  const driver = takeDown.adopt(another(), (made) => made.close());
  const client = takeDown.adopt(httpsClient(keycloak.url, keycloak.caFile), (made) => made.close());
  const all = takeDown.move();
  return {
    driver,
    another,
    tokens: () => createTokenIssuer({ keycloak: { identityProvider: clusterAlias } }, common),
    issuer: realm.issuer,
    cluster: clusterIssuer,
    assertionOf: ({ subject }) => tokenOf(subject),
    async isActive({ token }) {
      const { clientId: client_id, secret: client_secret } = introspector;
      const path = `/realms/${realm.name}/protocol/openid-connect/token/introspect`;
      const form = { client_id, client_secret, token: token.reveal() };
      return (await client.expect('POST', path, { form })).body.active === true;
    },
    async foreign() {
      const clientId = systemRng.uuid();
      await realm.admin.send('POST', `/${realm.name}/clients`, { clientId, publicClient: false });
      return clientId;
    },
    close: () => all.disposeAsync(),
  };
}
