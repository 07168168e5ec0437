import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aTenantScope,
  type Change,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { KubeObject } from '../kube/objects.ts';
import {
  clientIDHolder,
  identifierHolder,
  secretHolder,
  serviceAccountHolder,
  unreadyIssuers,
} from './lookups.ts';

const later = { creationTimestamp: '2026-02-01T00:00:00Z' };
const youngerBinding = aBinding(withMetadata({ name: 'other', uid: 'uid-other', ...later }));
const youngerClient = aClient(withMetadata({ name: 'other', uid: 'uid-other', ...later }));
const youngerIssuer = anIssuer(
  withMetadata({ name: 'other', uid: 'uid-other', ...later }),
  withSpec({ issuer: 'https://other.example' }),
);
const broken = { scopes: 7 as never };

const worldOf = (...objects: readonly KubeObject[]): Cluster['world'] => aCluster(...objects).world;
const key = 'acme-prod/billing-token';

describe('who holds the name of a Secret', () => {
  it('is the older of two bindings', () => {
    const world = worldOf(aBinding(), youngerBinding);
    expect(secretHolder(world, youngerBinding, key)).toBe('WorkloadIdentityBinding billing-api');
    expect(secretHolder(world, aBinding(), key)).toBeUndefined();
  });

  it('is an older client that puts its credentials there', () => {
    const client = aClient(
      withSpec({ authentication: { secret: { secretRef: { name: 'billing-token' } } } }),
      withMetadata({ creationTimestamp: '2025-01-01T00:00:00Z' }),
    );
    const world = worldOf(client);
    expect(secretHolder(world, aBinding(), key)).toBe('OAuthClient billing');
    expect(secretHolder(world, client, key)).toBeUndefined();
  });

  it('of two that were born in one second is the same for every replica', () => {
    const twin = aBinding(withMetadata({ name: 'twin', uid: 'a' }));
    for (const world of [worldOf(aBinding(), twin), worldOf(twin, aBinding())]) {
      expect(secretHolder(world, aBinding(), key)).toBe('WorkloadIdentityBinding twin');
      expect(secretHolder(world, twin, key)).toBeUndefined();
    }
  });

  it('is nobody in another namespace', () => {
    const elsewhere = aBinding(withMetadata({ namespace: 'globex', uid: 'uid-other' }));
    expect(secretHolder(worldOf(elsewhere, youngerBinding), youngerBinding, key)).toBeUndefined();
  });
});

describe('who holds a ServiceAccount', () => {
  it.each<[string, Change<OAuthClient>[], string | undefined]>([
    ['is the older client at the same issuer', [], 'billing'],
    ['is nobody at another issuer', [withSpec({ issuerRef: { name: 'other' } })], undefined],
    ['is nobody in another namespace', [withMetadata({ namespace: 'globex' })], undefined],
    [
      'is not one that logs in otherwise',
      [withSpec({ authentication: { secret: { secretRef: { name: 's' } } } })],
      undefined,
    ],
    ['is not one that cannot be read', [withSpec(broken)], undefined],
  ])('%s', (_, changes, holder) => {
    const world = worldOf(aClient(...changes), youngerClient);
    expect(serviceAccountHolder(world, youngerClient)).toBe(holder);
  });
});

describe('who holds a client of an issuer', () => {
  const adopting = aTenantScope(
    withSpec({ clients: { ...aTenantScope().spec.clients, adoption: 'Allowed' } }),
  );
  const adopted = withSpec<OAuthClient>({ clientID: 'by-hand' });
  const tenant = {
    name: 'acme',
    uid: 'uid-acme',
    tenantID: 'acme',
    withdrawalDelay: '10m',
    maxLifetime: '10m',
  };
  const younger = adopted(youngerClient);
  const globex = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'globex' } };
  it.each<[string, Change<OAuthClient>[], string | undefined, KubeObject[]?]>([
    ['is the older one that names it', [adopted], 'OAuthClient billing'],
    ['is the one that was registered as it', [withStatus({ clientID: 'by-hand' })], 'OAuthClient billing'],
    ['is nobody when its id differs in case', [withSpec({ clientID: 'By-hand' })], undefined],
    ['is nobody at another issuer', [adopted, withSpec({ issuerRef: { name: 'other' } })], undefined],
    [
      'is not named when it is of another namespace',
      [adopted, withMetadata({ namespace: 'acme-dev' })],
      'an OAuthClient of another namespace',
    ],
    ['is nobody whose tenant may not adopt it', [adopted], undefined, [aTenantScope()]],
    ['is nobody without a tenant', [adopted, withMetadata({ namespace: 'globex' })], undefined],
    [
      'is one that has lost its tenant, as long as that may be an accident',
      [adopted, withMetadata({ namespace: 'globex' }), withStatus<OAuthClient>({ tenant })],
      'an OAuthClient of another namespace',
    ],
  ])('%s', (_, changes, holder, scopes = [adopting]) => {
    const { environment } = aCluster(
      ...['acme-prod', 'acme-dev'].map((name) => ({
        ...globex,
        metadata: { name, labels: { tenant: 'acme' } },
      })),
      ...[globex, ...scopes, aClient(...changes), younger],
    );
    expect(clientIDHolder(environment, younger)).toBe(holder);
  });
});

describe('who holds the name of an issuer', () => {
  const federation = { method: 'ClientAssertion', assertionReuse: 'Reusable' } as const;
  it.each<[string, Change<OAuthIssuer>[], string | undefined]>([
    ['is the older one with the same identifier', [withSpec({ issuer: 'https://login.example' })], 'login'],
    [
      'is the older one with the same audience',
      [withSpec({ federation: { ...federation, audience: 'https://login.example' } })],
      'login',
    ],
    ['is nobody when both differ', [], undefined],
    ['compares bytes: a slash more is another', [withSpec({ issuer: 'https://login.example/' })], undefined],
  ])('%s', (_, changes, holder) => {
    const younger = changes.reduce((issuer, change) => change(issuer), youngerIssuer);
    const world = worldOf(anIssuer(), younger);
    expect(identifierHolder(world, younger)).toBe(holder);
    expect(identifierHolder(world, anIssuer())).toBeUndefined();
  });
});

it('issuers that are not ready are named with the reason', () => {
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'IssuerUnavailable',
    message: 'no answer',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  } as const;
  const world = worldOf(anIssuer(withStatus({ conditions: [condition] })), youngerIssuer);
  expect(unreadyIssuers(world)).toEqual(['OAuthIssuer login: IssuerUnavailable: no answer']);
});
