import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { anyLogin, change, operations } from '../../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { Capability } from '../../domain/capability.ts';
import { minutes, seconds } from '../../std/duration.ts';

const names = ['billing', 'ledger', 'orders'];
const keys = names.map((name) => `acme-prod/${name}`);

/** A cluster with three registered clients, and what looks for them became due since. */
async function aClusterOfThree(lacking?: Capability): Promise<{ cluster: Cluster; due: string[] }> {
  const clients = names.map((name) =>
    aClient(
      withMetadata({ name, uid: `uid-${name}`, finalizers: [] }),
      withStatus({}),
      withSpec({ authentication: { secret: { secretRef: { name: `credentials-of-${name}` } } } }),
    ),
  );
  const cluster = aCluster(aTenantScope(withSpec({ clients: anyLogin })), ...clients);
  if (lacking !== undefined) cluster.driver.capabilities.delete(lacking);
  await cluster.issuer();
  for (const key of keys) await cluster.client(key);
  cluster.driver.calls.length = 0;
  const due: string[] = [];
  cluster.environment.looks.onDue((key) => due.push(key));
  return { cluster, due };
}

/** What the queue does with looks that are due, until there are none. */
async function lookAtDue({ cluster, due }: { cluster: Cluster; due: string[] }): Promise<string[]> {
  const looked: string[] = [];
  for (let key = due.shift(); key !== undefined; key = due.shift()) {
    looked.push(key);
    await cluster.client(key);
  }
  return looked;
}

const readyOf = (cluster: Cluster): string[] =>
  names.map((name) => cluster.condition('oauthclients', name).split(':')[0] ?? '');
const secretsOf = (cluster: Cluster) =>
  names.map((name) => cluster.secret(`credentials-of-${name}`)?.['client_id']);

describe('an issuer with three clients', () => {
  it('is asked for one of them a minute, each in its turn, and nothing is written', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    cluster.kube.writes.length = 0;
    const looked: string[] = [];
    for (let minute = 0; minute < 6; minute++) {
      await cluster.clock.advance(minutes(1));
      await cluster.issuer();
      looked.push(...(await lookAtDue(of)));
    }
    expect(looked).toEqual([...keys, ...keys]);
    expect(operations(cluster)).toEqual(Array(6).fill('compare'));
    expect(cluster.kube.writes).toEqual([]);
  });

  it('is not asked for what an OAuthClient left that is gone: nobody would look', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
    cluster.restart();
    cluster.environment.looks.onDue((key) => of.due.push(key));
    const looked: string[] = [];
    for (let minute = 0; minute < 3; minute++) {
      await cluster.issuer();
      looked.push(...of.due.splice(0));
      await cluster.clock.advance(minutes(1));
    }
    expect(looked).toEqual(keys.slice(1));
  });

  it('has all of them again within the minute after it lost them, and their Secrets follow', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    const before = secretsOf(cluster);
    cluster.driver.clients.clear();
    await cluster.clock.advance(minutes(1));
    await cluster.issuer();
    expect(await lookAtDue(of)).toEqual(keys);
    expect(readyOf(cluster)).toEqual(names.map(() => 'True Ready'));
    expect(secretsOf(cluster)).toEqual([...cluster.driver.clients.keys()]);
    expect(secretsOf(cluster)).not.toEqual(before);
    expect(operations(cluster)).toEqual(names.flatMap(() => ['compare', 'register']));
    expect(cluster.told.filter((event) => event.includes('ClientsLost'))).toEqual([
      'Warning OAuthIssuer login ClientsLost: it does not know a client any more that it should hold; the others are looked at now: 2',
    ]);
  });

  it('that lost one is asked once for the others, however long that one is wanted in vain', async () => {
    const of = await aClusterOfThree('IdempotentRegister');
    const { cluster } = of;
    cluster.driver.clients.delete([...cluster.driver.clients.keys()][0] ?? '');
    await cluster.clock.advance(minutes(1));
    await cluster.issuer();
    expect(await lookAtDue(of)).toEqual(keys);
    for (let minute = 0; minute < 20; minute++) {
      await cluster.clock.advance(minutes(1));
      await cluster.client(keys[0]);
    }
    expect(of.due).toEqual([]);
    expect(readyOf(cluster)).toEqual(['False IssuerUnauthorized', 'True Ready', 'True Ready']);
  });

  it('that an update found out to have lost one is asked for the others', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    await cluster.clock.advance(seconds(31));
    cluster.driver.clients.clear();
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    expect(of.due).toEqual(keys.slice(1));
  });

  it('that refused one update is sent another form by an update as well', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    cluster.driver.fail('update', { kind: 'unauthorized', detail: 'the issuer answered 401' });
    for (const generation of [2, 3]) {
      change(cluster, {
        metadata: { generation },
        spec: { roles: [], accessTokenLifetime: minutes(generation) },
      });
      await cluster.client();
    }
    expect(operations(cluster)).toEqual(['update', 'update']);
    expect(readyOf(cluster)[0]).toBe('True Ready');
  });

  it('is not asked for any while it is away', async () => {
    const of = await aClusterOfThree();
    const { cluster } = of;
    cluster.driver.fail('discover', { kind: 'unavailable', detail: 'refused' }, Infinity);
    await cluster.clock.advance(minutes(11));
    for (let minute = 0; minute < 5; minute++) {
      await cluster.issuer();
      await cluster.clock.advance(minutes(1));
    }
    expect(of.due).toEqual([]);
  });

  it('is not asked for any where it cannot say', async () => {
    const of = await aClusterOfThree('Compare');
    await of.cluster.clock.advance(minutes(1));
    await of.cluster.issuer();
    expect(of.due).toEqual([]);
  });
});
