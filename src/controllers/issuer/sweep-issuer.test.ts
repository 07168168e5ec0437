import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../test/gen/a-cluster.ts';
import { aMarkingCluster, away, clientIDs, ready } from '../../../test/gen/client-steps.ts';
import { aClient, withMetadata } from '../../../test/gen/objects.ts';
import type { DesiredClient } from '../../domain/desired-client.ts';
import { markOf } from '../../domain/mark.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { hours, minutes } from '../../std/duration.ts';

/** A client as some process of a cluster registered it. */
function put(
  { driver }: Cluster,
  clientID: string,
  of: string,
  clusterID = 'cluster-1',
  uid = `uid-${of}`,
): void {
  const [any] = driver.clients.values();
  const desired: DesiredClient = {
    ...(any?.desired ?? expect.unreachable()),
    mark: markOf(clusterID, { namespace: 'acme-prod', name: of, uid }),
    authentication: { method: 'Secret', secrets: [] },
  };
  driver.clients.set(clientID, { clientID, desired, registrationAccessToken: '', clientSecrets: [] });
}

/** A cluster with one client of its own, and orphans beside it. */
async function aClusterWithOrphans(count = 1, pageSize = 2): Promise<Cluster> {
  const cluster = aMarkingCluster();
  cluster.driver.pageSize = pageSize;
  await cluster.client();
  for (let n = 0; n < count; n++) put(cluster, `orphan-${n}`, `gone-${n}`);
  return cluster;
}

const orphans = (cluster: Cluster): string[] => clientIDs(cluster).filter((id) => id.startsWith('orphan'));

/** Sweeps twice, with more than the grace time in between. */
async function sweepTwice(cluster: Cluster): Promise<void> {
  await cluster.sweep();
  await cluster.clock.advance(hours(1));
  await cluster.sweep();
}

describe('a sweep of an issuer', () => {
  it('tells nothing to an object of the name that an orphan had', async () => {
    const cluster = await aClusterWithOrphans(0);
    put(cluster, 'orphan', 'billing', 'cluster-1', 'uid-before');
    cluster.told.length = 0;
    await sweepTwice(cluster);
    expect(cluster.audit.at(-1)).toMatchObject({ act: 'deregister', client: 'acme-prod/billing' });
    expect(cluster.told).toEqual([]);
  });

  it('deletes what bears our mark and is nobody’s, once it has seen it twice, with a line for each', async () => {
    const cluster = await aClusterWithOrphans();
    const [own] = clientIDs(cluster);
    cluster.audit.length = 0;
    expect(await cluster.sweep()).toEqual({ kind: 'again', after: minutes(10) });
    await cluster.clock.advance(minutes(9));
    await cluster.sweep();
    expect(orphans(cluster)).toHaveLength(1);
    await cluster.clock.advance(minutes(1));
    await cluster.sweep();
    expect(clientIDs(cluster)).toEqual([own]);
    expect(cluster.audit.map(({ act, clientID, object }) => `${act} ${clientID} ${object}`)).toEqual([
      'revoke orphan-0 OAuthClient acme-prod/gone-0',
      'deregister orphan-0 OAuthClient acme-prod/gone-0',
    ]);
    expect(cluster.kube.writes.filter((write) => !write.includes('billing'))).toEqual([]);
  });

  it('regression 10: leaves clients of other clusters and of nobody', async () => {
    const cluster = await aClusterWithOrphans(0);
    put(cluster, 'orphan-theirs', 'billing', 'cluster-2');
    put(cluster, 'orphan-theirs-too', 'gone', 'cluster-11');
    const [any] = cluster.driver.clients.values();
    cluster.driver.registerByOtherMeans('orphan-foreign', any?.desired ?? expect.unreachable());
    await sweepTwice(cluster);
    expect(orphans(cluster)).toEqual(['orphan-theirs', 'orphan-theirs-too', 'orphan-foreign']);
  });

  it.each([1, 100])(
    'regression 4: finds the right ones among 101, 501 and 1,001 clients, with pages of %i',
    async (pageSize) => {
      for (const count of [101, 501, 1001]) {
        const cluster = await aClusterWithOrphans(0, pageSize);
        for (let n = 0; n < count; n++) put(cluster, `theirs-${n}`, `client-${n}`, 'cluster-2');
        put(cluster, 'orphan-first', 'gone-first');
        const all = [...cluster.driver.clients].toSorted(() => -1);
        cluster.driver.clients.clear();
        for (const [id, client] of all) cluster.driver.clients.set(id, client);
        put(cluster, 'orphan-last', 'gone-last');
        await sweepTwice(cluster);
        expect(orphans(cluster)).toEqual([]);
        expect(clientIDs(cluster)).toHaveLength(count + 1);
      }
    },
  );

  it('goes on until all are gone, a hundred at a time', async () => {
    const cluster = await aClusterWithOrphans(250);
    await sweepTwice(cluster);
    expect(orphans(cluster)).toHaveLength(150);
    for (let n = 0; n < 2; n++) await cluster.sweep();
    expect(orphans(cluster)).toEqual([]);
  });

  it.each<[string, (cluster: Cluster) => void]>([
    ['a page fails', ({ driver }) => driver.fail('list', away, Infinity)],
    [
      'a page fails after others',
      ({ driver }) => {
        const list = driver.list.bind(driver);
        driver.list = async (page, call) =>
          page === undefined ? list(page, call) : { ok: false, error: { kind: 'throttled', detail: 'wait' } };
      },
    ],
    [
      'the pages go round in circles',
      ({ driver }) => {
        const list = driver.list.bind(driver);
        driver.list = async (page, call) => {
          const answer = await list(page, call);
          return answer.ok ? { ok: true, value: { ...answer.value, next: '2' } } : answer;
        };
      },
    ],
    [
      'the list is empty, and we know better',
      ({ driver }) => {
        driver.list = async () => ({ ok: true, value: { clients: [] } });
      },
    ],
    [
      'the list lacks a client that is registered',
      ({ driver }) => {
        const list = driver.list.bind(driver);
        driver.list = async (page, call) => {
          const answer = await list(page, call);
          if (!answer.ok) return answer;
          const clients = answer.value.clients.filter(({ registration: { clientID } }) =>
            clientID.startsWith('orphan'),
          );
          return { ok: true, value: { ...answer.value, clients } };
        };
      },
    ],
    [
      'a record cannot be read',
      (cluster) => {
        const stored = cluster.kube.find('secrets', {
          namespace: 'grantor-system',
          name: 'client-uid-billing',
        });
        cluster.put({ ...stored, metadata: { ...stored?.metadata, annotations: {} } } as KubeObject);
      },
    ],
    [
      'the API server does not say that the OAuthClients are gone',
      ({ kube }) => kube.fail('get', 'unavailable', 'oauthclients'),
    ],
    [
      'the OAuthClients are there, and only the cache does not know',
      (cluster) => {
        for (let n = 0; n < 3; n++)
          cluster.kube.put(
            'oauthclients',
            aClient(withMetadata({ name: `gone-${n}`, uid: `uid-gone-${n}` })),
          );
      },
    ],
  ])('deletes nothing while %s', async (_, spoil) => {
    const cluster = await aClusterWithOrphans(3);
    await cluster.sweep();
    await cluster.clock.advance(hours(1));
    spoil(cluster);
    await cluster.sweep();
    expect(orphans(cluster)).toHaveLength(3);
  });

  it('begins anew after a list that could not be believed', async () => {
    const cluster = await aClusterWithOrphans();
    await cluster.sweep();
    const { driver } = cluster;
    const list = driver.list.bind(driver);
    driver.list = async () => ({ ok: true, value: { clients: [] } });
    await cluster.clock.advance(hours(1));
    await cluster.sweep();
    driver.list = list;
    await cluster.sweep();
    expect(orphans(cluster)).toHaveLength(1);
  });

  it('leaves a client whose registration is under way, and one that has an OAuthClient', async () => {
    const cluster = await aClusterWithOrphans(0);
    await sweepTwice(cluster);
    await sweepTwice(cluster);
    await cluster.client();
    expect(ready(cluster)).toContain('True Ready');
    expect(cluster.driver.calls.filter(({ operation }) => operation === 'deregister')).toEqual([]);
  });
});
