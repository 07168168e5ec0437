import { expect, test } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { change, clientIDs, ready, remove, secretNames } from '../../../test/gen/client-steps.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  without,
  withSpec,
  withStatus,
} from '../../../test/gen/objects.ts';

const app = aClient(
  withMetadata({ finalizers: [] }),
  withStatus({}),
  withSpec({
    grantTypes: ['AuthorizationCode'],
    redirectURIs: ['https://app.acme.example/callback'],
    authentication: { public: {} },
  }),
);
const allowing = (suspend = false) =>
  aTenantScope(
    withMetadata({ generation: suspend ? 2 : 1 }),
    withSpec({
      clients: {
        ...aTenantScope().spec.clients,
        grantTypes: ['AuthorizationCode'],
        authentication: ['Public'],
        redirectHosts: ['app.acme.example'],
      },
      suspend,
    }),
  );
/** How the client stands at the issuer. */
const held = ({ driver }: Cluster) =>
  [...driver.clients.values()].map(
    ({ desired }) => `${desired.authentication.method} for ${desired.grantTypes.join()}`,
  );

test('a public client is registered for its users alone, and nothing that it could log in with is kept anywhere', async () => {
  const cluster = await aReadyCluster(app, allowing());
  expect(ready(cluster)).toMatch(/^True/);
  expect(held(cluster)).toEqual(['Public for AuthorizationCode']);
  expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toMatch(/^True NoCredentials/);
  for (const name of secretNames(cluster)) {
    const keys = Object.keys(cluster.secret(name) ?? cluster.secret(name, 'grantor-system') ?? {});
    expect(keys.filter((key) => /secret|private/.test(key))).toEqual([]);
  }
});

test('a public client is withdrawn as one that has to log in, and comes back as what it was', async () => {
  const cluster = await aReadyCluster(app, allowing());
  const before = clientIDs(cluster);
  cluster.put(allowing(true));
  await cluster.client();
  expect(held(cluster)).toEqual(['Secret for ClientCredentials']);
  cluster.put(allowing());
  await cluster.client();
  expect(held(cluster)).toEqual(['Public for AuthorizationCode']);
  expect(clientIDs(cluster)).toEqual(before);
  remove(cluster);
  await cluster.client();
  expect(clientIDs(cluster)).toEqual([]);
});

test('a client that becomes public keeps its id and loses its credentials', async () => {
  const secret = { secret: { secretRef: { name: 'credentials' } } };
  const both = { ...allowing().spec.clients, authentication: ['Secret', 'Public'] as const };
  const scope = aTenantScope(withSpec({ clients: { ...both, authentication: [...both.authentication] } }));
  const cluster = await aReadyCluster(withSpec<typeof app>({ authentication: secret })(app), scope);
  expect(cluster.secret('credentials')).toHaveProperty('client_secret');
  const before = clientIDs(cluster);
  change(cluster, { metadata: { generation: 2 }, spec: { authentication: { public: {} } } });
  await cluster.client();
  expect(held(cluster)).toEqual(['Public for AuthorizationCode']);
  expect(clientIDs(cluster)).toEqual(before);
  expect(cluster.secret('credentials')).toBeUndefined();
});

test.each([
  [
    'its issuer knows none',
    allowing(),
    anIssuer(without('PublicClient')),
    /^False AuthenticationUnsupported: .*Public/,
  ],
  ['its tenant may have none', aTenantScope(), anIssuer(), /does not allow Public; allowed: Federated$/],
])('nothing is sent of a public client where %s', async (_, scope, issuer, expected) => {
  const cluster = await aReadyCluster(app, scope, issuer);
  expect(ready(cluster)).toMatch(expected);
  expect(cluster.driver.calls).toEqual([]);
});
