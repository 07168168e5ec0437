import { describe, expect, it } from 'vitest';
import { type Cluster, itsTwin } from '../../../test/gen/a-cluster.ts';
import {
  aMarkingCluster,
  change,
  clientIDs,
  exists,
  live,
  loseAnswerTo,
  ready,
  remove,
  scopeOf,
  secretNames,
} from '../../../test/gen/client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { DesiredClient } from '../../domain/desired-client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes } from '../../std/duration.ts';

const heir = aClient(
  withMetadata({ finalizers: [] }),
  withStatus({}),
  withSpec({ adopt: { clientID: 'legacy' } }),
);

/** What somebody registered by hand. */
const byHand: DesiredClient = {
  mark: '',
  name: 'Legacy application',
  grantTypes: ['ClientCredentials'],
  redirectURIs: [],
  scopes: ['everything'],
  audiences: ['https://legacy.example'],
  roles: ['root'],
  tenantID: 'nobody',
  accessTokenLifetime: minutes(10),
  proofOfPossession: 'None',
  authentication: { method: 'Secret', secrets: [] },
};

function aClusterWithLegacy(...others: readonly KubeObject[]): Cluster {
  const cluster = aMarkingCluster(heir, ...others);
  cluster.driver.registerByOtherMeans('legacy', byHand);
  return cluster;
}

const held = ({ driver }: Cluster) => driver.clients.get('legacy')?.desired;

describe('a client that somebody else registered', () => {
  it('is taken over under its id, and becomes what the spec says', async () => {
    const cluster = aClusterWithLegacy();
    await cluster.client();
    expect(ready(cluster)).toBe('True Ready: as legacy');
    expect(clientIDs(cluster)).toEqual(['legacy']);
    expect(held(cluster)).toMatchObject({
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      roles: ['biller'],
      scopes: heir.spec.scopes,
    });
  });

  it('is left alone where its TenantScope does not allow that', async () => {
    const cluster = aClusterWithLegacy(aTenantScope());
    await live(cluster, 3);
    expect(ready(cluster)).toContain('False AdoptionNotAllowed');
    expect([held(cluster), cluster.driver.calls]).toEqual([byHand, []]);
  });

  it('is not made where it is not there', async () => {
    const cluster = aMarkingCluster(heir);
    await live(cluster, 3);
    expect(ready(cluster)).toContain('False IssuerRejected');
    expect(clientIDs(cluster)).toEqual([]);
  });

  it('stays with who has it: another object, or another cluster', async () => {
    const cluster = aClusterWithLegacy();
    await cluster.client();
    const before = held(cluster);
    const other = itsTwin(cluster, 'cluster-2');
    for (const { metadata } of [...other.kube.objects.values()].filter(({ kind }) => kind === 'Secret'))
      other.kube.remove('secrets', metadata);
    other.restart();
    await live(other, 3);
    expect(ready(other)).toContain('False IssuerRejected');
    remove(other);
    await live(other, 3);
    expect(exists(other)).toBe(false);
    expect(held(cluster)).toEqual(before);
  });

  it('is the oldest OAuthClient’s of those that name it', async () => {
    const younger = aClient(
      withMetadata({ name: 'younger', uid: 'uid-younger', creationTimestamp: '2026-02-01T00:00:00Z' }),
      withStatus({}),
      withSpec({
        adopt: { clientID: 'legacy' },
        authentication: { secret: { secretRef: { name: 'credentials' } } },
      }),
    );
    const cluster = aMarkingCluster(heir, younger);
    cluster.driver.registerByOtherMeans('legacy', byHand);
    await cluster.client('acme-prod/younger');
    expect(cluster.condition('oauthclients', 'younger')).toContain('False ClientIDTaken');
    await cluster.client();
    expect(ready(cluster)).toBe('True Ready: as legacy');
  });

  it('keeps its id when its rights are taken away, and gets them back', async () => {
    const cluster = aClusterWithLegacy();
    await cluster.client();
    cluster.put(scopeOf(2, true));
    await cluster.client();
    expect(held(cluster)?.audiences).toEqual([]);
    cluster.put(
      aTenantScope(
        withMetadata({ generation: 3 }),
        withSpec({ clients: { ...aTenantScope().spec.clients, adoption: 'Allowed' } }),
      ),
    );
    await live(cluster, 2);
    expect([ready(cluster), clientIDs(cluster)]).toEqual(['True Ready: as legacy', ['legacy']]);
  });

  it('goes with its OAuthClient', async () => {
    const cluster = aClusterWithLegacy();
    await cluster.client();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });
});

describe('when it is not known whether a client was taken over, the answer being lost,', () => {
  /** The process ends with the question in the record; `reached` says whether it came to the issuer. */
  async function inDoubt(reached: boolean): Promise<Cluster> {
    const cluster = aClusterWithLegacy();
    if (reached) loseAnswerTo(cluster, 'register');
    else cluster.driver.fail('register', { kind: 'unavailable', detail: 'no answer' });
    await cluster.client();
    cluster.restart();
    return cluster;
  }

  it.each([true, false])('(%s) it is taken over by the next try', async (reached) => {
    const cluster = await inDoubt(reached);
    await cluster.client();
    expect([ready(cluster), clientIDs(cluster)]).toEqual(['True Ready: as legacy', ['legacy']]);
  });

  it.each([
    [true, []],
    [false, byHand.audiences],
  ])('(%s) it loses its rights only if it was', async (reached, audiences) => {
    const cluster = await inDoubt(reached);
    cluster.put(scopeOf(2, true));
    await live(cluster, 3);
    expect(held(cluster)?.audiences).toEqual(audiences);
    expect(clientIDs(cluster)).toEqual(['legacy']);
    expect(ready(cluster)).toContain('False Suspended');
  });

  it.each([
    [true, []],
    [false, ['legacy']],
  ])('(%s) it is deleted only if it was', async (reached, left) => {
    const cluster = await inDoubt(reached);
    remove(cluster);
    await live(cluster, 3);
    expect([exists(cluster), clientIDs(cluster), secretNames(cluster)]).toEqual([false, left, []]);
  });

  it('(false) nothing of it was changed', async () => {
    const cluster = await inDoubt(false);
    change(cluster, { metadata: { finalizers: [] } });
    remove(cluster);
    await live(cluster, 12);
    expect(held(cluster)).toEqual(byHand);
  });
});
