import { expect, vi } from 'vitest';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { connectAs, editing, roleBindings } from '../admission/people.ts';
import type { look } from '../e2e/look.ts';
import { aBinding, aClient, anIssuer, aSecret, aServiceAccount, aTenant } from '../e2e/objects.ts';
import type { TestStage } from '../e2e/use-stage.ts';
import { applyManifests, type Manifest, resourceOf } from '../stage/manifests.ts';
import { tenantA, tenantB } from './answers.ts';

const lettered = (letter: string, maxLifetime: string) => ({
  scopes: [`${letter}.*`],
  audiences: [`https://${letter}.example`],
  roles: [`${letter}-reader`],
  maxLifetime,
});

/** What its objects ask for unless a cell says otherwise. */
const asking = (letter: string) => ({ scopes: [`${letter}.read`], audiences: [`https://${letter}.example`] });
const aToken = (letter: string) => ({
  token: { scopes: [`${letter}.read`], audience: `https://${letter}.example` },
});
const withKey = (secret: string) => ({
  authentication: { privateKey: { secretRef: { name: secret } } },
});

/** The client and the binding of a cell; of A's, as all that cells change. */
export const clientOf = (name: string, spec: object = {}): Manifest =>
  aClient(tenantA, name, {
    ...asking('a'),
    roles: [],
    authentication: { federated: { serviceAccountName: name } },
    ...spec,
  });
export const bindingOf = (name: string, spec: object = {}): Manifest =>
  aBinding(tenantA, name, {
    serviceAccountName: 'own',
    clientRef: { name: 'own' },
    ...aToken('a'),
    ...spec,
  });

/** Names that are used in a namespace which is not A's. */
const occupied = (namespace: string, prefix: string): Manifest[] => [
  aServiceAccount(namespace, prefix),
  aClient(namespace, prefix, asking('b')),
  ...['privatekey', 'secret', 'mutualtls', 'token'].map((what) => aSecret(namespace, `${prefix}-${what}`)),
];

/** B, with everything that works; its tokens live so long that none is renewed while A tries. */
const victim: Manifest[] = [
  ...aTenant(tenantB, {
    issuers: ['main', 'victim-issuer'],
    tokens: { ...lettered('b', '1h'), requiredClaims: { tenant_id: tenantB } },
  }),
  aServiceAccount(tenantB, 'victim'),
  aClient(tenantB, 'victim', { ...asking('b'), roles: ['b-reader'], accessTokenLifetime: '1h' }),
  aClient(tenantB, 'victim-keyed', {
    ...asking('b'),
    roles: [],
    ...withKey('victim-privatekey'),
  }),
  aClient(tenantB, 'victim-password', {
    ...asking('b'),
    roles: [],
    authentication: { secret: { secretRef: { name: 'victim-secret' } } },
  }),
  aClient(tenantB, 'victim-certified', {
    ...asking('b'),
    roles: [],
    authentication: { mutualTLS: { secretRef: { name: 'victim-mutualtls' } } },
  }),
  aBinding(tenantB, 'victim', aToken('b')),
];

const secretsAgain = ['again-privatekey', 'again-secret', 'again-mutualtls', 'again-token'];

/** A, with objects that its cells can name. */
const own: Manifest[] = [
  ...aTenant(tenantA, {
    tokens: { ...lettered('a', '15m'), requiredClaims: { tenant_id: tenantA } },
    spec: {
      clients: {
        grantTypes: ['ClientCredentials', 'AuthorizationCode'],
        redirectHosts: ['app.a.example'],
        authentication: ['Federated', 'PrivateKey', 'Secret', 'MutualTLS'],
        max: 1000,
      },
    },
  }),
  ...['own', 'free', 'again'].map((name) => aServiceAccount(tenantA, name)),
  clientOf('own'),
  clientOf('keyed', withKey('keyed')),
  clientOf('again', withKey('made-again')),
  bindingOf('own'),
  ...secretsAgain.map((name) => aSecret(tenantA, name)),
];

/** Everything that is there before A tries anything, and A itself. Close it afterwards. */
export async function setScene(stage: TestStage, see: ReturnType<typeof look>): Promise<KubeClient> {
  await applyManifests(stage.kube, [
    anIssuer({ url: stage.issuerURL }),
    anIssuer({ name: 'victim-issuer', url: 'https://127.0.0.1:1' }),
  ]);
  await applyManifests(stage.kube, [
    ...victim,
    ...own,
    ...occupied('kube-system', 'system'),
    ...occupied('grantor-system', 'operator'),
    ...roleBindings('tenant-a', tenantA, editing),
  ]);
  const ready = ['victim', 'victim-keyed', 'victim-password'].map((name) => `${tenantB}/${name}`);
  for (const name of [...ready, `${tenantA}/own`, `${tenantA}/keyed`])
    await see.until('client', name, 'True');
  for (const tenant of [`${tenantB}/victim`, `${tenantA}/own`]) await see.until('binding', tenant, 'True');
  await makeAgain(stage, see);
  await atRest(see, tenantB);
  return connectAs(stage, 'tenant-a');
}

/** Counts are told at leisure: a tenant is at rest once nothing was told of it for longer than that takes. */
async function atRest(see: ReturnType<typeof look>, tenant: string): Promise<void> {
  let last: string | undefined;
  await vi.waitFor(
    async () => {
      const { resourceVersion } = (await see.object('tenant', tenant)).metadata;
      const before = last;
      last = resourceVersion;
      expect(resourceVersion).toBe(before);
    },
    { timeout: 20_000, interval: 3000 },
  );
}

/** Deletes each of A's objects named `again`, and makes it anew. */
async function makeAgain(stage: TestStage, see: ReturnType<typeof look>): Promise<void> {
  await see.until('client', `${tenantA}/again`, 'True');
  const former = await see.clientID(`${tenantA}/again`);
  const again = own.filter(
    ({ metadata: { name } }) => name === 'again' || secretsAgain.some((secret) => secret === name),
  );
  for (const object of again) {
    const key = `${tenantA}/${object.metadata.name}`;
    await see.remove(resourceOf(object), key);
    await see.gone(resourceOf(object), key);
  }
  await applyManifests(stage.kube, again);
  await see.until('client', `${tenantA}/again`, 'True');
  if ((await see.clientID(`${tenantA}/again`)) === former) throw new Error('again is the client that it was');
}
