import * as jose from 'jose';
import { expect, test } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { IssuedToken } from '../../ports/issuer-driver.ts';
import { minutes } from '../../std/duration.ts';

const { tokens } = aTenantScope().spec;
const client = aClient(
  withMetadata({ finalizers: [] }),
  withStatus({}),
  withSpec({ proofOfPossession: 'DPoP' }),
);
const wanted = aTenantScope(withSpec({ tokens: { ...tokens, proofOfPossession: 'DPoP' } }));
const said = (cluster: Cluster): string =>
  cluster.condition('workloadidentitybindings', 'billing-api', 'Issued');

/** A token as it is delivered. */
function delivered(cluster: Cluster) {
  const files = cluster.secret('billing-token') ?? {};
  const key = JSON.parse(files['dpop.jwk'] ?? '{}') as jose.JWK;
  return { files, key, claims: jose.decodeJwt(files['token'] ?? '') };
}

test('a token is delivered with the key that it is bound to; the next one has another', async () => {
  const cluster = await aReadyCluster(client, wanted);
  await cluster.binding();
  const first = delivered(cluster);
  expect(first.files['token_type']).toBe('DPoP');
  expect(first.claims['cnf']).toEqual({ jkt: await jose.calculateJwkThumbprint(first.key) });
  expect(first.key.d).toBeDefined();
  await cluster.clock.advance(minutes(7));
  await cluster.binding();
  const second = delivered(cluster);
  expect(second.claims.jti).not.toBe(first.claims.jti);
  expect(second.claims['cnf']).toEqual({ jkt: await jose.calculateJwkThumbprint(second.key) });
  expect(second.key.d).not.toBe(first.key.d);
});

const withCnf =
  (cnf: object | undefined) =>
  (token: IssuedToken): IssuedToken => {
    const { cnf: _, ...claims } = token.claims;
    return { ...token, claims: { ...claims, ...(cnf && { cnf: { ...cnf } }) } };
  };

test.each([
  ['not bound: it is revoked', undefined, 'the token is not bound to a key (cnf.jkt)', 1],
  [
    'bound to a key of somebody else',
    { jkt: 'theirs' },
    'the token is bound to another key (cnf.jkt) than it was asked for with',
    0,
  ],
])('a token is not delivered that is %s', async (_, cnf, message, revoked) => {
  const cluster = await aReadyCluster(client, wanted);
  cluster.driver.alterToken = withCnf(cnf);
  await cluster.binding();
  expect(cluster.secret('billing-token')).toBeUndefined();
  expect(said(cluster)).toBe(`False TokenRefused: ${message}`);
  expect(cluster.driver.revoked.size).toBe(revoked);
});

test('a token that is bound though nobody asked for it is of no use, and not delivered', async () => {
  const cluster = await aReadyCluster();
  cluster.driver.alterToken = withCnf({ jkt: 'theirs' });
  await cluster.binding();
  expect(cluster.secret('billing-token')).toBeUndefined();
  expect(said(cluster)).toMatch(/^False TokenRefused: the token is bound to a key \(cnf\), which nobody/);
});

test('an issuer that cannot bind tokens is told nothing of a tenant that wants them bound', async () => {
  const cluster = aCluster(client, wanted);
  cluster.put({
    ...cluster.kube.find('oauthissuers', { name: 'login' })!,
    ...{
      status: {
        observedGeneration: 1,
        capabilities: [
          'Register',
          'EnforceCeiling',
          'TenantClaims',
          'BoundAssertions',
          'FederatedAuthentication',
        ],
      },
    },
  });
  await cluster.client();
  await cluster.binding();
  expect(cluster.driver.calls).toEqual([]);
  expect(cluster.condition('oauthclients', 'billing')).toMatch(/^False CeilingNotEnforceable/);
});
