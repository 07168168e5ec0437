import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { anIssuer, aTenantScope, ofTenant, withMetadata, withSpec } from '../../test/gen/objects.ts';
import { whileRunning } from '../../test/gen/while-running.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { KubeObject } from '../kube/objects.ts';
import { minutes } from '../std/duration.ts';

const token = (cluster: Cluster): string | undefined => cluster.secret('billing-token')?.['token'];
const active = ({ driver }: Cluster): number => driver.issued.filter((one) => driver.isActive(one)).length;
const rights = ({ driver }: Cluster): readonly string[] | undefined =>
  [...driver.clients.values()][0]?.desired.scopes;

const namespace = (labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'acme-prod', labels },
});
const scope = (generation: number, spec: Partial<TenantScope['spec']>): TenantScope =>
  aTenantScope(withMetadata({ generation }), withSpec<TenantScope>(spec));
const { tokens } = aTenantScope().spec;
/** A second one that selects the namespace too. */
const rival = aTenantScope(
  ofTenant('globex'),
  withSpec({ namespaceSelector: { matchLabels: { tenant: 'acme' } } }),
);
const going = anIssuer(
  withMetadata({ generation: 2, deletionTimestamp: '2026-06-01T12:00:00Z' }),
  (issuer) => ({
    ...issuer,
    status: { ...issuer.status, observedGeneration: 2 },
  }),
);

async function look(cluster: Cluster): Promise<void> {
  await cluster.client();
  await cluster.binding();
}

/** With a token that was delivered, and then something that may be an accident. */
async function after(accident: KubeObject): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await look(cluster);
  cluster.put(accident);
  await look(cluster);
  expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('stays until');
  return cluster;
}

describe.each<[string, KubeObject]>([
  ['its namespace has lost the label', namespace({})],
  ['its selector has slipped', scope(2, { namespaceSelector: { matchLabels: { tenant: 'acne' } } })],
  ['two TenantScopes select its namespace', rival],
  ['its issuer is being deleted', going],
])('what a tenant has while %s', (_, accident) => {
  const { namespaceSelector } =
    accident.kind === 'TenantScope' && accident !== rival
      ? (accident as TenantScope).spec
      : aTenantScope().spec;

  it('goes at once when the tenant is suspended', async () => {
    const cluster = await after(accident);
    cluster.put(scope(3, { suspend: true, namespaceSelector }));
    await look(cluster);
    expect([token(cluster), active(cluster), rights(cluster)]).toEqual([undefined, 0, []]);
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toMatch(/^False Suspended/);
  });

  it('goes at once when its ceiling comes down', async () => {
    const cluster = await after(accident);
    cluster.put(scope(3, { namespaceSelector, tokens: { ...tokens, scopes: ['openid'] } }));
    await look(cluster);
    expect([token(cluster), active(cluster), rights(cluster)]).toEqual([undefined, 0, []]);
  });

  it('is not renewed once the tenant asks for other claims', async () => {
    const cluster = await after(accident);
    const requiredClaims = { tenant_id: 'acme', department: 'billing' };
    cluster.put(scope(3, { namespaceSelector, tokens: { ...tokens, requiredClaims } }));
    await cluster.clock.advance(minutes(8));
    await look(cluster);
    expect(cluster.driver.issued).toHaveLength(1);
  });

  it('is renewed until then', async () => {
    const cluster = await after(accident);
    await cluster.clock.advance(minutes(8));
    await look(cluster);
    expect(cluster.driver.issued).toHaveLength(2);
  });
});

it('what a namespace has of one tenant goes at once when it moves to another, whatever becomes of the issuer', async () => {
  const cluster = await after(going);
  cluster.put(aTenantScope(ofTenant('globex')));
  cluster.put(namespace({ tenant: 'globex' }));
  await look(cluster);
  expect([token(cluster), active(cluster), rights(cluster)]).toEqual([undefined, 0, []]);
});

it('what a client still has of one tenant does not stay for an accident of the next', async () => {
  const cluster = await aReadyCluster(aTenantScope(), aTenantScope(ofTenant('globex')));
  await look(cluster);
  cluster.driver.fail('update', { kind: 'unavailable', detail: 'no answer' }, Infinity);
  cluster.put(namespace({ tenant: 'globex' }));
  await look(cluster);
  cluster.put(namespace({}));
  cluster.driver.recover();
  await cluster.clock.advance(minutes(1));
  await look(cluster);
  expect([active(cluster), rights(cluster)]).toEqual([0, []]);
});

it('a suspended tenant loses what it has in a namespace that has lost its label, without anybody else noticing', async () => {
  const cluster = await aReadyCluster();
  await whileRunning(
    cluster,
    () => {
      expect(token(cluster)).toBeDefined();
      cluster.put(namespace({}));
    },
    () => {
      expect(token(cluster)).toBeDefined();
      cluster.put(scope(2, { suspend: true }));
    },
  );
  expect([token(cluster), active(cluster)]).toEqual([undefined, 0]);
});
