import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { KubeObject } from '../kube/objects.ts';
import { hours, seconds } from '../std/duration.ts';

// Long lives, so that nothing is due: what is written all the same is a mistake.
const day = hours(24);
const { tokens } = aTenantScope().spec;
const aDaysCluster = (): Cluster =>
  aCluster(
    aTenantScope(withSpec({ tokens: { ...tokens, maxLifetime: day } })),
    aClient(withMetadata({ finalizers: [] }), withSpec({ accessTokenLifetime: day }), withStatus({})),
  );

interface Told {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

const looks = ['issuer', 'scope', 'client', 'binding'] as const;
const objects = [
  ['oauthissuers', { name: 'login' }],
  ['tenantscopes', { name: 'acme' }],
  ['oauthclients', { namespace: 'acme-prod', name: 'billing' }],
  ['workloadidentitybindings', { namespace: 'acme-prod', name: 'billing-api' }],
] as const;

const lookAtAll = async (cluster: Cluster): Promise<void> => {
  for (const look of looks) await cluster[look]();
};
const stored = (cluster: Cluster): Array<KubeObject & Told> =>
  objects.map(([plural, at]) => {
    const found = cluster.kube.find<KubeObject & Told>(plural, at);
    if (found === undefined) throw new Error(`there is no ${plural} ${at.name}`);
    return found;
  });
const touchAll = (cluster: Cluster, round: number): void => {
  for (const object of stored(cluster)) {
    const annotations = { 'example.com/touched': String(round) };
    cluster.put({ ...object, metadata: { ...object.metadata, annotations } });
  }
};

describe('regression 8: ten minutes in which nothing happens, every object looked at every 3 s', () => {
  const cluster = aDaysCluster();

  it('write nothing to the API server and send nothing to the issuer but the question what it can do', async () => {
    // One look for what is to be done, another for what that changed for the others.
    await lookAtAll(cluster);
    await lookAtAll(cluster);
    const isReady = ({ status }: Told): boolean =>
      status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    expect(stored(cluster).filter((object) => !isReady(object))).toEqual([]);
    cluster.kube.writes.length = 0;
    const asked = cluster.driver.calls.length;
    for (let round = 0; round < 200; round++) {
      touchAll(cluster, round);
      await lookAtAll(cluster);
      await cluster.clock.advance(seconds(3));
    }
    expect(cluster.kube.writes).toEqual([]);
    const sent = cluster.driver.calls.slice(asked).map(({ operation }) => operation);
    expect(sent.filter((operation) => operation !== 'discover')).toEqual([]);
    expect(sent.length).toBeLessThanOrEqual(2);
  });
});
