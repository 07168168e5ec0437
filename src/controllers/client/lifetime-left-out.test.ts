import { expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { operations, ready } from '../../../test/gen/client-steps.ts';
import {
  aClient,
  aTenantScope,
  withLifetime,
  withMetadata,
  withSpec,
  withStatus,
} from '../../../test/gen/objects.ts';
import type { OAuthClient } from '../../api/oauth-client.ts';
import { type Duration, minutes } from '../../std/duration.ts';

const { tokens } = aTenantScope().spec;
const allowing = (maxLifetime: Duration, generation = 1) =>
  aTenantScope(withMetadata({ generation }), withSpec({ tokens: { ...tokens, maxLifetime } }));
const held = ({ driver }: Cluster) => [...driver.clients.values()][0]?.desired.accessTokenLifetime;
const told = ({ kube }: Cluster) =>
  kube.find<OAuthClient>('oauthclients', { namespace: 'acme-prod', name: 'billing' })?.status?.tenant
    ?.maxLifetime;

it('a client that names no lifetime follows the ceiling of its tenant, up to ten minutes, and its status says which it has', async () => {
  const cluster = aCluster(
    allowing(minutes(5)),
    aClient(withMetadata({ finalizers: [] }), withStatus({}), withLifetime(undefined)),
  );
  await cluster.client();
  expect([ready(cluster).split(':')[0], held(cluster), told(cluster)]).toEqual([
    'True Ready',
    minutes(5),
    '5m',
  ]);
  for (const [generation, ceiling, lifetime] of [
    [2, minutes(1), '1m'],
    [3, minutes(60), '10m'],
  ] as const) {
    cluster.put(allowing(ceiling, generation));
    await cluster.client();
    expect([ready(cluster).split(':')[0], told(cluster)]).toEqual(['True Ready', lifetime]);
  }
  expect(held(cluster)).toBe(minutes(10));
  expect(operations(cluster)).toEqual(['register', 'update', 'update']);
});
