import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { aMarkingCluster, anyLogin } from '../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { KubeObject } from '../kube/objects.ts';
import { hours, minutes, seconds } from '../std/duration.ts';

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

  it('write nothing to the API server and ask the issuer what it can do, and for one client a minute', async () => {
    // One look for what is to be done, another for what that changed for the others.
    await lookAtAll(cluster);
    await lookAtAll(cluster);
    const isReady = ({ status }: Told): boolean =>
      status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    expect(stored(cluster).filter((object) => !isReady(object))).toEqual([]);
    cluster.kube.writes.length = 0;
    cluster.told.length = 0;
    const asked = cluster.driver.calls.length;
    for (let round = 0; round < 200; round++) {
      touchAll(cluster, round);
      await lookAtAll(cluster);
      await cluster.clock.advance(seconds(3));
    }
    expect([cluster.kube.writes, cluster.told]).toEqual([[], []]);
    const sent = cluster.driver.calls.slice(asked).map(({ operation }) => operation);
    const counts = (wanted: string): number => sent.filter((operation) => operation === wanted).length;
    expect(counts('discover')).toBeLessThanOrEqual(2);
    expect(counts('compare')).toBeLessThanOrEqual(10);
    expect(sent).toHaveLength(counts('discover') + counts('compare'));
  });
});

describe('regression 8: a thousand clients for ten minutes, compared ten times as often as usual', () => {
  const keys = Array.from({ length: 1000 }, (_, n) => `client-${n}`);
  const thousand = keys.map((name) =>
    aClient(
      withMetadata({ name, uid: `uid-${name}`, finalizers: [] }),
      withStatus({}),
      withSpec({ authentication: { secret: { secretRef: { name: `credentials-of-${name}` } } } }),
    ),
  );
  const clients = { ...anyLogin, max: 2000 };

  it.each([
    ['access tokens for each', aCluster],
    ['marks', aMarkingCluster],
  ])(
    'by an issuer with %s are read, and nothing is written anywhere',
    async (_, create) => {
      const cluster = create(aTenantScope(withSpec({ clients })), ...thousand);
      const issuer = cluster.kube.find<KubeObject & { spec: object }>('oauthissuers', { name: 'login' });
      cluster.put({ ...issuer, spec: { ...issuer?.spec, resyncInterval: '3m' } } as KubeObject);
      const lookAtThousand = async (): Promise<void> => {
        for (const name of keys) await cluster.client(`acme-prod/${name}`);
      };
      await lookAtThousand();
      await lookAtThousand();
      cluster.kube.writes.length = 0;
      const asked = cluster.driver.calls.length;
      for (let minute = 0; minute < 10; minute++) {
        await cluster.clock.advance(minutes(1));
        await lookAtThousand();
      }
      expect(cluster.kube.writes).toEqual([]);
      const sent = cluster.driver.calls.slice(asked).map(({ operation }) => operation);
      expect(new Set(sent)).toEqual(new Set(['compare']));
      expect(sent.length).toBeGreaterThanOrEqual(3000);
      expect(sent.length).toBeLessThanOrEqual(4000);
    },
    60_000,
  );
});
