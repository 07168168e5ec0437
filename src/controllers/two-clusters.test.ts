import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster, itsTwin } from '../../test/gen/a-cluster.ts';
import {
  aMarkingCluster,
  clientIDs,
  exists,
  live,
  loseAnswerTo,
  ready,
  remove,
  vanish,
} from '../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';

const { clients } = aTenantScope().spec;
const suspended = aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true }));

/** Two clusters with the very same objects, at one issuer: one that gives ids and access tokens for each client, or one that keeps marks. */
function aPair(create: typeof aCluster): readonly [Cluster, Cluster] {
  const first = create(
    aTenantScope(withSpec({ clients: { ...clients, authentication: ['Secret'] } })),
    aClient(
      withMetadata({ finalizers: [] }),
      withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }),
      withStatus({}),
    ),
  );
  return [first, itsTwin(first, 'cluster-2')];
}

const issuers: readonly [string, typeof aCluster][] = [
  ['that gives ids', aCluster],
  ['that keeps marks', aMarkingCluster],
];

const idIn = (cluster: Cluster): string | undefined => cluster.secret('credentials')?.['client_id'];

describe.each(issuers)(
  'regression 10: two clusters whose clients have the same names and UIDs, at one issuer %s,',
  (_, create) => {
    it('have each a client of its own', async () => {
      const [first, second] = aPair(create);
      await first.client();
      await second.client();
      expect(idIn(first)).not.toBe(idIn(second));
      expect(new Set(clientIDs(first))).toEqual(new Set([idIn(first), idIn(second)]));
      expect([...first.driver.clients.values()].map(({ desired }) => desired.mark.split(':')[1])).toEqual([
        'cluster-1',
        'cluster-2',
      ]);
    });

    it.each<[string, (cluster: Cluster) => void]>([
      ['is deleted', remove],
      ['vanishes with its finalizer taken off', vanish],
    ])('lose nothing when the client of the other %s', async (_what, go) => {
      const [first, second] = aPair(create);
      await first.client();
      await second.client();
      go(second);
      await live(second);
      expect([exists(second), clientIDs(first)]).toEqual([false, [idIn(first)]]);
      await first.client();
      expect(ready(first)).toContain('True Ready');
    });

    it('lose nothing when the tenant of the other is suspended', async () => {
      const [first, second] = aPair(create);
      await first.client();
      await second.client();
      const id = idIn(first) ?? '';
      const before = first.driver.clients.get(id);
      second.put(suspended);
      await second.client();
      expect(first.driver.clients.get(id)).toBe(before);
      expect(first.secret('credentials')).toBeDefined();
    });

    it('find each its own client again when an answer was lost', async () => {
      const [first, second] = aPair(create);
      await first.client();
      loseAnswerTo(second, 'register');
      await second.client();
      second.restart();
      await second.client();
      expect(clientIDs(first)).toHaveLength(2);
      expect(idIn(second)).not.toBe(idIn(first));
    });

    it('do not take the same ServiceAccount from each other: the second is refused, the first stays', async () => {
      const first = create();
      const second = itsTwin(first, 'cluster-2');
      await first.client();
      const [id = ''] = clientIDs(first);
      const before = first.driver.clients.get(id);
      await second.client();
      expect(ready(second)).toContain('False IssuerRejected');
      remove(second);
      await second.client();
      expect(clientIDs(first)).toEqual([id]);
      expect(first.driver.clients.get(id)).toBe(before);
    });
  },
);
