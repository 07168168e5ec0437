import { expect, test } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';

const callback = 'https://app.acme.example/callback';
const forUsers = aClient(
  withMetadata({ finalizers: [] }),
  withStatus({}),
  withSpec({ grantTypes: ['ClientCredentials', 'AuthorizationCode'], redirectURIs: [callback] }),
);
const allowing = (...redirectHosts: string[]) => {
  const { clients } = aTenantScope().spec;
  const grantTypes = ['ClientCredentials', 'AuthorizationCode'] as const;
  return aTenantScope(withSpec({ clients: { ...clients, grantTypes: [...grantTypes], redirectHosts } }));
};
const said = (cluster: Cluster): string => cluster.condition('oauthclients', 'billing');
const registered = (cluster: Cluster): unknown =>
  Array.from(cluster.driver.clients.values(), ({ clientID, desired }) => [
    clientID,
    ...[desired.grantTypes, desired.redirectURIs],
  ]);

test('a client for users has its redirect URIs as long as their hosts are within the ceiling, and again after that', async () => {
  const cluster = await aReadyCluster(forUsers, allowing('app.acme.example'));
  expect(said(cluster)).toMatch(/^True/);
  const asWanted = registered(cluster);
  expect(asWanted).toEqual([[expect.any(String), ['ClientCredentials', 'AuthorizationCode'], [callback]]]);
  cluster.put(allowing('other.acme.example'));
  await cluster.client();
  expect(said(cluster)).toMatch(/^False RedirectURINotAllowed/);
  expect(registered(cluster)).toEqual([[expect.any(String), ['ClientCredentials'], []]]);
  cluster.put(allowing('app.acme.example'));
  await cluster.client();
  expect(registered(cluster)).toEqual(asWanted);
});

test('nothing is sent of a client whose redirect URIs are above the ceiling', async () => {
  const cluster = await aReadyCluster(forUsers, allowing());
  expect(said(cluster)).toMatch(/^False RedirectURINotAllowed/);
  expect(cluster.driver.calls).toEqual([]);
});
