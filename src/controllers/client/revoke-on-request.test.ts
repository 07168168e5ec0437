import { describe, expect, test } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { anyLogin, away, change, live, operations, withSecret } from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, without, withSpec } from '../../../test/gen/objects.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { formatInstant, type Instant, plus } from '../../std/instant.ts';
import { err } from '../../std/result.ts';

const revoke = (cluster: Cluster, at: Instant): void =>
  change(cluster, { metadata: { annotations: { 'grantor.dev/revoke': formatInstant(at) } } });

const issuedAt = ({ kube }: Cluster): string | undefined =>
  kube.find('secrets', { namespace: 'acme-prod', name: 'billing-token' })?.metadata.annotations?.[
    'grantor.dev/issued-at'
  ];

const status = ({ kube }: Cluster) =>
  (kube.find('oauthclients', { namespace: 'acme-prod', name: 'billing' }) as unknown as { status: object })
    .status;

async function aClusterWithToken(...others: readonly KubeObject[]): Promise<Cluster> {
  const cluster = await aReadyCluster(...others);
  await cluster.binding();
  await cluster.clock.advance(minutes(1));
  cluster.driver.calls.length = 0;
  return cluster;
}

describe('a client whose tokens somebody wants ended', () => {
  test('has them ended once, keeps its rights, and its bindings get other tokens', async () => {
    const cluster = await aClusterWithToken();
    const now = cluster.clock.now();
    revoke(cluster, now);
    await cluster.client();
    await cluster.client();
    expect(operations(cluster)).toEqual(['revokeAll']);
    expect(status(cluster)).toMatchObject({ tokensRevokedAt: formatInstant(now) });
    expect(cluster.condition('oauthclients', 'billing')).toMatch(/^True/);
    change(cluster, {});
    await cluster.binding();
    expect(issuedAt(cluster)).toBe(formatInstant(now));
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    await cluster.binding();
    expect(operations(cluster)).toEqual(['revokeAll', 'requestToken']);
  });

  test('has them ended again when somebody asks again, and not before the time that is asked for', async () => {
    const cluster = await aClusterWithToken();
    revoke(cluster, cluster.clock.now());
    await cluster.client();
    const later = plus(cluster.clock.now(), seconds(30));
    revoke(cluster, later);
    await cluster.client();
    expect(operations(cluster)).toEqual(['revokeAll']);
    await cluster.clock.advance(seconds(30));
    await cluster.client();
    expect(operations(cluster)).toEqual(['revokeAll', 'revokeAll']);
  });

  test('is not asked of an issuer that cannot do it', async () => {
    const cluster = await aClusterWithToken(anIssuer(without('RevokeAll')));
    revoke(cluster, cluster.clock.now());
    await cluster.client();
    expect(operations(cluster)).toEqual([]);
  });

  test('has its credentials copied anew, and is looked for at the issuer, though that does not end them', async () => {
    const cluster = await aReadyCluster(aTenantScope(withSpec({ clients: anyLogin })), withSecret);
    cluster.driver.revokeAll = () => Promise.resolve(err(away));
    revoke(cluster, cluster.clock.now());
    cluster.kube.remove('secrets', { namespace: 'acme-prod', name: 'credentials' });
    cluster.restart();
    await cluster.client();
    expect(cluster.secret('credentials')).toBeDefined();
    expect(cluster.condition('oauthclients', 'billing')).toMatch(/^False IssuerUnavailable/);
    cluster.driver.calls.length = 0;
    await live(cluster, 40);
    expect(operations(cluster)).toContain('compare');
    expect(status(cluster)).not.toHaveProperty('tokensRevokedAt');
  });

  test('is not ready before they are ended, also where the look at the issuer fails as well', async () => {
    const cluster = await aClusterWithToken();
    revoke(cluster, cluster.clock.now());
    for (const operation of ['revokeAll', 'compare'] as const) cluster.driver.fail(operation, away, Infinity);
    await cluster.client();
    cluster.environment.looks.hasten('uid-billing', 'acme-prod/billing');
    await live(cluster, 3);
    expect(operations(cluster)).toContain('compare');
    expect(cluster.condition('oauthclients', 'billing')).toMatch(/^False/);
    expect(cluster.told.slice(2)).toEqual([expect.stringContaining('IssuerUnavailable')]);
  });

  test('is told while the issuer does not do it, and has them ended when it is back', async () => {
    const cluster = await aClusterWithToken();
    const revokeAll = cluster.driver.revokeAll.bind(cluster.driver);
    cluster.driver.revokeAll = () => Promise.resolve(err(away));
    revoke(cluster, cluster.clock.now());
    await cluster.client();
    expect(cluster.condition('oauthclients', 'billing')).toMatch(/^False IssuerUnavailable/);
    cluster.driver.revokeAll = revokeAll;
    await cluster.clock.advance(minutes(5));
    await cluster.client();
    expect(cluster.condition('oauthclients', 'billing')).toMatch(/^True/);
  });
});
