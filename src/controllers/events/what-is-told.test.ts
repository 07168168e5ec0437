import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { away, change, live, remove, scopeOf } from '../../../test/gen/client-steps.ts';
import { aRotatedCluster, every, overlap } from '../../../test/gen/rotations.ts';
import { minutes } from '../../std/duration.ts';
import { formatInstant } from '../../std/instant.ts';

const client = 'OAuthClient acme-prod/billing';
const binding = 'WorkloadIdentityBinding acme-prod/billing-api';

async function lookAtAll(cluster: Cluster): Promise<void> {
  await cluster.issuer();
  await cluster.scope();
  await cluster.client();
  await cluster.binding();
}

/** What was told since it was last asked, without the notes. */
const news = ({ told }: Cluster): string[] => told.splice(0).map((event) => event.replace(/:.*/, ''));

async function withToken(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await lookAtAll(cluster);
  news(cluster);
  return cluster;
}

/** Reconciles the binding once a minute. */
async function renew(cluster: Cluster, howLong: number): Promise<void> {
  for (let minute = 0; minute < howLong; minute++) {
    await cluster.clock.advance(minutes(1));
    await cluster.binding();
  }
}

describe('the owners of objects are told by events', () => {
  it('what was made for them, once, and not again by the next process', async () => {
    const cluster = aCluster();
    await lookAtAll(cluster);
    await lookAtAll(cluster);
    expect(news(cluster)).toEqual([
      'Normal OAuthIssuer login Discovered',
      'Normal TenantScope acme Resolved',
      `Normal ${client} Registered`,
      `Normal ${binding} SecretWritten`,
    ]);
    cluster.restart();
    await lookAtAll(cluster);
    expect(news(cluster)).toEqual([]);
  });

  it('nothing of renewals', async () => {
    const cluster = await withToken();
    const { length } = cluster.driver.issued;
    await renew(cluster, 60);
    expect(cluster.driver.issued.length).toBeGreaterThan(length + 5);
    expect(news(cluster)).toEqual([]);
  });

  it('that a token cannot be renewed in time, that it expired and was removed, and that there is one again', async () => {
    const cluster = await withToken();
    cluster.driver.fail('requestToken', away, Infinity);
    await renew(cluster, 20);
    expect(news(cluster)).toEqual([
      `Warning ${binding} IssuerUnavailable`,
      `Normal ${binding} SecretRemoved`,
    ]);
    cluster.driver.recover();
    await renew(cluster, 20);
    expect(news(cluster)).toEqual([`Normal ${binding} SecretWritten`]);
  });

  it('that their tenant is suspended, what they lose by that, and what they have again afterwards', async () => {
    const cluster = await withToken();
    cluster.put(scopeOf(2, true));
    await lookAtAll(cluster);
    await lookAtAll(cluster);
    expect(news(cluster).sort()).toEqual([
      `Normal ${client} RegistrationChanged`,
      `Normal ${client} TokensRevoked`,
      `Normal ${binding} SecretRemoved`,
      `Warning ${client} Suspended`,
      'Warning TenantScope acme Suspended',
      `Warning ${binding} Suspended`,
    ]);
    cluster.put(scopeOf(3, false));
    await lookAtAll(cluster);
    expect(news(cluster)).toEqual([
      'Normal TenantScope acme Resolved',
      `Normal ${client} RegistrationChanged`,
      `Normal ${client} Registered`,
      `Normal ${binding} SecretWritten`,
    ]);
  });

  it('how the credential of a client is replaced', async () => {
    const cluster = await aRotatedCluster('privateKey');
    news(cluster);
    await cluster.clock.advance(every);
    await cluster.client();
    await cluster.clock.advance(overlap);
    await cluster.client();
    expect(news(cluster)).toEqual([
      `Normal ${client} RegistrationChanged`,
      `Normal ${client} CredentialRotated`,
      `Normal ${client} CredentialRetired`,
      `Normal ${client} RegistrationChanged`,
    ]);
  });

  it('that all tokens of a client were ended because somebody asked for it', async () => {
    const cluster = await withToken();
    await cluster.clock.advance(minutes(1));
    const at = formatInstant(cluster.clock.now());
    change(cluster, { metadata: { annotations: { 'grantor.dev/revoke': at } } });
    await cluster.client();
    expect(news(cluster)).toEqual([`Normal ${client} TokensRevoked`]);
  });

  it('why a client cannot be deleted at its issuer, and when it was', async () => {
    const cluster = await withToken();
    remove(cluster);
    cluster.driver.fail('deregister', away);
    await live(cluster, 5);
    expect(news(cluster)).toEqual([
      `Normal ${client} TokensRevoked`,
      `Warning ${client} IssuerUnavailable`,
      `Normal ${client} TokensRevoked`,
      `Normal ${client} Deregistered`,
    ]);
  });
});
