import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { clientIDs, live, operations, ready, scopeOf } from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, withMetadata, without, withSpec } from '../../../test/gen/objects.ts';
import type { OAuthClient } from '../../api/oauth-client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';

type Told = KubeObject & Pick<OAuthClient, 'status'>;

const status = ({ kube }: Cluster): NonNullable<OAuthClient['status']> =>
  kube.find<Told>('oauthclients', { namespace: 'acme-prod', name: 'billing' })?.status ?? {};
const tokensLive = ({ driver }: Cluster): boolean => driver.issued.some((token) => driver.isActive(token));
const held = ({ driver }: Cluster) => [...driver.clients.values()][0]?.desired;
const token = (cluster: Cluster): string | undefined => cluster.secret('billing-token')?.['token'];
const clientWrites = ({ kube }: Cluster): number =>
  kube.writes.filter((write) => write.includes('oauthclients')).length;

/** Deletes the TenantScope, and lets the caches see it. */
function deleteScope({ kube, world }: Cluster): void {
  kube.remove('tenantscopes', { name: 'acme' });
  world.scopes.store.forget('acme', 'uid-acme');
}

async function withToken(...others: readonly KubeObject[]): Promise<Cluster> {
  const cluster = await aReadyCluster(...others);
  await cluster.binding();
  expect(tokensLive(cluster)).toBe(true);
  return cluster;
}

describe('a client whose TenantScope is gone', () => {
  it('knows its tenant until then', async () => {
    const cluster = await withToken();
    expect(status(cluster).tenant).toEqual({
      name: 'acme',
      uid: 'uid-acme',
      tenantID: 'acme',
      withdrawalDelay: '10m',
      maxLifetime: '10m',
    });
    expect(status(cluster).withdrawal).toBeUndefined();
  });

  it('stays as it is for the delay, says until when, and writes that once', async () => {
    const cluster = await withToken();
    deleteScope(cluster);
    expect(await cluster.client()).toMatchObject({ kind: 'again', after: minutes(10) });
    const written = clientWrites(cluster);
    await live(cluster, 9);
    expect(operations(cluster)).toEqual(['register', 'requestToken']);
    expect(clientWrites(cluster)).toBe(written);
    expect(status(cluster).withdrawal).toEqual({
      reason: 'NoTenantScope',
      startedAt: '2026-06-01T12:00:00Z',
      effectiveAt: '2026-06-01T12:10:00Z',
    });
    expect(ready(cluster)).toMatch(/^False NoTenantScope: .* stays until 2026-06-01T12:10:00Z/);
    expect(cluster.condition('oauthclients', 'billing', 'Registered')).toContain('True Registered');
  });

  it('is withdrawn when the delay is over, though the controller was started anew meanwhile', async () => {
    const cluster = await withToken();
    deleteScope(cluster);
    await live(cluster, 5);
    cluster.restart();
    await live(cluster, 6);
    expect([held(cluster)?.scopes, tokensLive(cluster)]).toEqual([[], false]);
    expect(status(cluster).withdrawal).toEqual({
      reason: 'NoTenantScope',
      startedAt: '2026-06-01T12:00:00Z',
      effectiveAt: '2026-06-01T12:10:00Z',
      revocation: 'Confirmed',
      exposedUntil: '2026-06-01T12:20:00Z',
    });
    expect(status(cluster).tenant).toBeUndefined();
  });

  it('has lost nothing when it is back in time, under another UID', async () => {
    const cluster = await withToken();
    const before = token(cluster);
    deleteScope(cluster);
    await cluster.client();
    await cluster.binding();
    await cluster.clock.advance(seconds(20));
    cluster.put(aTenantScope(withMetadata({ uid: 'uid-restored' })));
    await cluster.client();
    await cluster.binding();
    expect(operations(cluster)).toEqual(['register', 'requestToken']);
    expect([token(cluster), status(cluster).withdrawal]).toEqual([before, undefined]);
    expect(status(cluster).tenant?.uid).toBe('uid-restored');
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is withdrawn at once when it turns out to be meant', async () => {
    const cluster = await withToken();
    deleteScope(cluster);
    await live(cluster, 2);
    cluster.put(scopeOf(2, true));
    await cluster.client();
    expect([held(cluster)?.scopes, tokensLive(cluster)]).toEqual([[], false]);
    expect(status(cluster).withdrawal).toMatchObject({
      reason: 'Suspended',
      startedAt: '2026-06-01T12:00:00Z',
      effectiveAt: '2026-06-01T12:02:00Z',
    });
  });

  it('is withdrawn at once where its tenant wants no delay', async () => {
    const cluster = await withToken(aTenantScope(withSpec({ withdrawalDelay: seconds(0) })));
    deleteScope(cluster);
    await cluster.client();
    expect(tokensLive(cluster)).toBe(false);
  });

  it('is not registered meanwhile if it was not before, and tells of no withdrawal', async () => {
    const cluster = await aReadyCluster();
    cluster.kube.remove('secrets', { namespace: 'grantor-system', name: 'client-uid-billing' });
    deleteScope(cluster);
    cluster.restart();
    await live(cluster, 11);
    expect(operations(cluster)).toEqual(['register']);
    expect(status(cluster).withdrawal).toBeUndefined();
  });
});

describe('what a client that is withdrawn says of its tokens', () => {
  it('is Unconfirmed while its issuer hangs, and heals', async () => {
    const cluster = await withToken();
    cluster.driver.fail('revokeAll', { kind: 'unavailable', detail: 'no answer' });
    cluster.put(scopeOf(2, true));
    await cluster.client();
    expect(status(cluster).withdrawal).toMatchObject({
      reason: 'Suspended',
      revocation: 'Unconfirmed',
      exposedUntil: '2026-06-01T12:10:00Z',
    });
    await live(cluster, 2);
    expect(status(cluster).withdrawal).toMatchObject({
      revocation: 'Confirmed',
      exposedUntil: '2026-06-01T12:10:00Z',
    });
  });

  it('stays Unconfirmed where the issuer ends no tokens', async () => {
    const cluster = await withToken(anIssuer(without('RevokeAll')));
    cluster.put(scopeOf(2, true));
    await live(cluster, 2);
    expect(status(cluster).withdrawal?.revocation).toBe('Unconfirmed');
  });

  it('is gone when it may go on', async () => {
    const cluster = await withToken();
    const before = clientIDs(cluster);
    cluster.put(scopeOf(2, true));
    await cluster.client();
    cluster.put(scopeOf(3, false));
    await cluster.client();
    expect([status(cluster).withdrawal, clientIDs(cluster)]).toEqual([undefined, before]);
    expect(status(cluster).tenant?.name).toBe('acme');
  });
});

it('a token that ended with all others of its client is replaced, though nobody looked at its Secret before that was lifted', async () => {
  const cluster = await withToken();
  const before = token(cluster);
  await cluster.clock.advance(seconds(2));
  cluster.put(scopeOf(2, true));
  await cluster.client();
  cluster.put(scopeOf(3, false));
  await cluster.client();
  expect([token(cluster), tokensLive(cluster)]).toEqual([before, false]);
  expect(status(cluster).tokensRevokedAt).toBe('2026-06-01T12:00:02Z');
  await cluster.binding();
  expect(token(cluster)).not.toBe(before);
  expect(tokensLive(cluster)).toBe(true);
  const asked = operations(cluster).length;
  await cluster.binding();
  expect(operations(cluster)).toHaveLength(asked);
});
