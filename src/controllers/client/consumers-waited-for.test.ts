import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../test/gen/a-cluster.ts';
import { ready } from '../../../test/gen/client-steps.ts';
import { aRotatedCluster, every, found, methods, opens, overlap, told } from '../../../test/gen/rotations.ts';
import { hours, minutes, seconds } from '../../std/duration.ts';

const maxOverlap = hours(4);

/** A pod that takes the Secret by environment variable. */
const start = ({ kube }: Cluster, name: string): void =>
  void kube.put('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'acme-prod', name },
    spec: { containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'credentials' } }] }] },
  } as never);
const stop = ({ kube }: Cluster, name: string): void => kube.remove('pods', { namespace: 'acme-prod', name });

/** The time goes by, and the client is looked at whenever it wanted to be. */
async function live(cluster: Cluster, minutesLeft: number): Promise<void> {
  for (let minute = 0; minute < minutesLeft; minute++) {
    await cluster.clock.advance(minutes(1));
    await cluster.client();
  }
}

/** How often it was looked for pods from now on. */
function countLooks({ environment: { consumers } }: Cluster): () => number {
  const look = consumers.look.bind(consumers);
  let count = 0;
  consumers.look = (...given) => {
    count++;
    return look(...given);
  };
  return () => count;
}

/** A rotation that has just come to its overlap, and what the Secret held before. */
async function overlapping(method: (typeof methods)[number], rotation = {}, pods = ['old-web']) {
  const cluster = await aRotatedCluster(method, { every, overlap, maxOverlap, ...rotation });
  for (const pod of pods) start(cluster, pod);
  const before = found(cluster);
  await cluster.clock.advance(every);
  await cluster.client();
  return { cluster, before };
}

describe.each(methods)('a former credential (%s)', (method) => {
  it('stays while a pod has it in an environment variable, and is retired when that was replaced', async () => {
    const { cluster, before } = await overlapping(method);
    expect(told(cluster)?.waitsFor).toContain('old-web');
    await cluster.clock.advance(seconds(1));
    start(cluster, 'new-web');
    await live(cluster, 90);
    expect(await opens(cluster, before)).toBe(true);
    expect(told(cluster)?.waitsFor).toMatch(/old-web$/);
    expect(ready(cluster)).toContain('True Ready');
    stop(cluster, 'old-web');
    await live(cluster, 6);
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([false, true]);
    expect(told(cluster)?.waitsFor).toBeUndefined();
  });

  it('stays no longer than the overlap where all pods read files or came later', async () => {
    const { cluster, before } = await overlapping(method, {}, []);
    await cluster.clock.advance(seconds(1));
    start(cluster, 'new-web');
    await live(cluster, 31);
    expect(await opens(cluster, before)).toBe(false);
  });

  it('stays beyond maxOverlap with a reason, if it is to be kept', async () => {
    const { cluster, before } = await overlapping(method);
    await live(cluster, 5 * 60);
    expect(await opens(cluster, before)).toBe(true);
    expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toMatch(
      /^True StaleConsumers: .*old-web/,
    );
    stop(cluster, 'old-web');
    await live(cluster, 6);
    expect(await opens(cluster, before)).toBe(false);
    expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toContain(
      'True CredentialsWritten',
    );
  });

  it('goes after maxOverlap, if it is to be retired', async () => {
    const { cluster, before } = await overlapping(method, { onStaleConsumers: 'Retire' });
    await live(cluster, 4 * 60 - 1);
    expect(await opens(cluster, before)).toBe(true);
    await live(cluster, 2);
    expect(await opens(cluster, before)).toBe(false);
  });

  it.each(['Keep', 'Retire'])(
    'stays until maxOverlap where nobody may look for pods, and then what is said: %s',
    async (onStaleConsumers) => {
      const cluster = await aRotatedCluster(method, { every, overlap, maxOverlap, onStaleConsumers });
      cluster.kube.fail('list', 'forbidden', 'pods');
      const before = found(cluster);
      await cluster.clock.advance(every);
      await cluster.client();
      await live(cluster, 4 * 60 - 1);
      expect(await opens(cluster, before)).toBe(true);
      expect(told(cluster)?.waitsFor).toContain('it is not known');
      await live(cluster, 2);
      expect(await opens(cluster, before)).toBe(onStaleConsumers === 'Keep');
      cluster.kube.recover();
      await live(cluster, 6);
      expect(await opens(cluster, before)).toBe(false);
    },
  );

  it('is asked about once where nobody has it, hourly while there is time, and every five minutes after that', async () => {
    const { cluster: nobody } = await overlapping(method, { overlap: hours(3) }, []);
    const looksForNobody = countLooks(nobody);
    await live(nobody, 170);
    expect(looksForNobody()).toBe(0);
    const { cluster } = await overlapping(method, { overlap: hours(3) });
    cluster.kube.writes.length = 0;
    const looks = countLooks(cluster);
    await live(cluster, 170);
    expect(looks()).toBe(2);
    await live(cluster, 60);
    expect(looks()).toBeLessThanOrEqual(14);
    expect(cluster.kube.writes).toEqual([]);
  });
});
