import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { plain } from '../../../test/gen/client-plans.ts';
import {
  change,
  clientIDs,
  exists,
  live,
  loseAnswerTo,
  operations,
  ready,
  remove,
  scopeOf,
  secretNames,
} from '../../../test/gen/client-steps.ts';
import { minutes } from '../../std/duration.ts';
import { err } from '../../std/result.ts';

const record = { namespace: 'grantor-system', name: 'client-uid-billing' };

/** What the issuer lets the one client have. */
const scopesAtTheIssuer = ({ driver }: Cluster): readonly string[] | undefined =>
  [...driver.clients.values()][0]?.desired.scopes;

describe('an update that the issuer made and whose answer was lost', () => {
  it('is not taken for undone: a tenant that is suspended again has no rights', async () => {
    const cluster = await aReadyCluster();
    cluster.put(scopeOf(2, true));
    await cluster.client();
    loseAnswerTo(cluster, 'update');
    cluster.put(scopeOf(3, false));
    await cluster.client();
    expect(scopesAtTheIssuer(cluster)).not.toEqual([]);
    cluster.put(scopeOf(4, true));
    await live(cluster);
    expect(scopesAtTheIssuer(cluster)).toEqual([]);
  });

  it('is not taken for undone: a tenant that may go on gets its rights back', async () => {
    const cluster = await aReadyCluster();
    loseAnswerTo(cluster, 'update');
    cluster.put(scopeOf(2, true));
    await cluster.client();
    expect(scopesAtTheIssuer(cluster)).toEqual([]);
    cluster.put(scopeOf(3, false));
    await live(cluster);
    expect(scopesAtTheIssuer(cluster)).toEqual(['invoices.read', 'invoices.write']);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('is not sent again from a record that is no longer the one, but from what became of it', async () => {
    const cluster = await aReadyCluster();
    loseAnswerTo(cluster, 'update');
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await cluster.client();
    // What another controller wrote down, and no watch has told.
    const { metadata, ...rest } = cluster.kube.find('secrets', record) ?? expect.unreachable();
    const annotations = { ...metadata.annotations, a: 'b' };
    cluster.kube.put('secrets', { ...rest, metadata: { ...metadata, annotations } });
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(operations(cluster)).toEqual(['register', 'update']);
    await live(cluster, 5);
    expect(ready(cluster)).toContain('True Ready');
  });

  it('costs one write of the record more, however often it is tried', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.fail('update', { kind: 'unavailable', detail: 'no answer' }, 5);
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await live(cluster);
    expect(cluster.kube.writes.filter((write) => write.startsWith('replace secrets'))).toHaveLength(2);
  });
});

describe('a registration', () => {
  const unsent = { kind: 'unavailable', detail: 'the connection was refused', sent: false } as const;
  const no = { kind: 'rejected', detail: 'invalid_client_metadata' } as const;

  it('costs one write of the record more while the issuer is away, however often it is tried', async () => {
    const cluster = aCluster();
    cluster.driver.fail('register', unsent, Infinity);
    await live(cluster);
    expect(operations(cluster).length).toBeGreaterThan(10);
    expect(cluster.kube.writes.filter((write) => write.startsWith('replace secrets'))).toHaveLength(1);
  });

  it('that was refused leaves nothing to look for', async () => {
    const cluster = aCluster();
    cluster.driver.fail('register', no, Infinity);
    await live(cluster, 2);
    cluster.driver.recover();
    remove(cluster);
    await cluster.client();
    expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
    expect(operations(cluster)).not.toContain('deregister');
  });

  it('that was refused once its answer was lost before is looked for all the same', async () => {
    const cluster = aCluster();
    loseAnswerTo(cluster, 'register');
    await cluster.client();
    cluster.driver.fail('register', no, Infinity);
    await live(cluster, 2);
    cluster.driver.recover();
    cluster.put(scopeOf(2, true));
    await live(cluster, 2);
    expect(scopesAtTheIssuer(cluster)).toEqual([]);
  });
});

describe('a deletion that the issuer made', () => {
  it('is over though our record outlived it and the issuer answers 401 for what is gone', async () => {
    const cluster = await aReadyCluster(plain);
    remove(cluster);
    cluster.kube.fail('delete', 'unavailable', 'secrets');
    await cluster.client();
    cluster.kube.recover();
    await live(cluster);
    expect([exists(cluster), secretNames(cluster)]).toEqual([false, []]);
  });

  it('is over though its answer was lost', async () => {
    const cluster = await aReadyCluster(plain);
    remove(cluster);
    loseAnswerTo(cluster, 'deregister');
    await live(cluster);
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });

  it('is not believed in where the issuer did not take our token: the client lives', async () => {
    const cluster = await aReadyCluster(plain);
    cluster.driver.fail('deregister', { kind: 'unauthorized', detail: 'invalid_token' }, 5);
    remove(cluster);
    await live(cluster, 1);
    expect([exists(cluster), clientIDs(cluster).length]).toEqual([true, 1]);
    await live(cluster, 60);
    expect([exists(cluster), clientIDs(cluster)]).toEqual([false, []]);
  });
});

describe('an issuer that lost its state', () => {
  it('gets its clients back, and their bindings tokens, though nobody changes anything', async () => {
    const cluster = await aReadyCluster();
    cluster.driver.clients.clear();
    await cluster.binding();
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain(
      'False IssuerUnauthorized',
    );
    await live(cluster, 2);
    expect(ready(cluster)).toContain('True Ready');
    await cluster.binding();
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('True Ready');
  });

  it('is not asked to make a client again that it has, whatever it says of a login', async () => {
    const cluster = await aReadyCluster();
    const before = clientIDs(cluster);
    cluster.driver.fail('requestToken', {
      kind: 'unauthorized',
      oauthError: 'invalid_client',
      detail: 'the issuer answered invalid_client',
    });
    await cluster.binding();
    await live(cluster);
    expect(operations(cluster)).toEqual(['register', 'requestToken', 'update']);
    expect(clientIDs(cluster)).toEqual(before);
  });
});

describe('an issuer that makes something else of a client than was asked for', () => {
  const other = { kind: 'rejected', detail: 'the issuer registered another scope' } as const;

  it('is asked once where that cannot be undone, and a person is told', async () => {
    const cluster = aCluster(plain);
    cluster.driver.capabilities.delete('IdempotentRegister');
    cluster.driver.fail('register', { ...other, registered: { clientID: 'client-9' } }, Infinity);
    await live(cluster, 60);
    expect(operations(cluster)).toEqual(['register']);
    expect(ready(cluster)).toMatch(/False ManagementUnsupported: client client-9 .*grantor.dev.release=true/);
  });

  it('is told again what is wanted, with the credentials that it gave', async () => {
    const cluster = await aReadyCluster(plain);
    const { driver } = cluster;
    const update = driver.update.bind(driver);
    driver.update = async (...given) => {
      driver.update = update;
      const answer = await update(...given);
      return answer.ok ? err({ ...other, registered: answer.value }) : answer;
    };
    change(cluster, { metadata: { generation: 2 }, spec: { roles: [] } });
    await live(cluster, 2);
    expect(ready(cluster)).toContain('True Ready');
    expect(operations(cluster)).toEqual(['register', 'update', 'update']);
  });
});

it.each<[string, (cluster: Cluster) => void]>([
  ['before it got its finalizer', () => undefined],
  ['before it lost its finalizer', remove],
])('a client that went %s is forgotten, and nothing is said of a defect', async (_, before) => {
  const cluster = aCluster();
  before(cluster);
  cluster.kube.remove('oauthclients', { namespace: 'acme-prod', name: 'billing' });
  expect(await cluster.client()).toEqual({ kind: 'done' });
  expect(operations(cluster)).toEqual([]);
});
