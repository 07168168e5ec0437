import { describe, expect, it } from 'vitest';
import { type ANode, aNode, type PodWish, targetOf, volumeOf } from '../../test/gen/a-node.ts';
import { minutes, seconds } from '../std/duration.ts';

const pods: readonly PodWish[] = Array.from({ length: 110 }, (_, index) => ({ name: `web-${index}` }));
const [pod = { name: '' }] = pods;

async function aServingNode(some = pods): Promise<ANode> {
  const node = await aNode();
  node.putBinding();
  for (const one of some) expect(await node.publish(one, seconds(1))).toBe('ok');
  return node;
}

/** Makes the volume look as if the plug-in had been killed between the mount and the state that tells of it. */
function cutOff(node: ANode): void {
  const volume = node.volumes.get(volumeOf(pod));
  if (volume === undefined || typeof volume.state === 'string') throw new Error('no state');
  const { delivered: _, ...intent } = volume.state;
  node.volumes.set(volumeOf(pod), { ...volume, state: { ...intent, published: false } });
}

describe('a plug-in that starts again', () => {
  it('asks nobody for anything, writes nothing and keeps every file (regression 20)', async () => {
    const node = await aServingNode();
    const [requests, writes, read] = [
      node.requests,
      node.server.writes.length,
      pods.map((one) => node.read(one)),
    ];
    await node.restart();
    await node.pass(seconds(20));
    expect(node.requests).toBe(requests);
    expect(node.server.writes).toHaveLength(writes);
    expect(node.store.calls).toEqual(['open']);
    expect(pods.map((one) => node.read(one))).toEqual(read);
    for (const one of pods) expect(await node.publish(one)).toBe('ok');
    expect(node.requests).toBe(requests);
  });

  it('renews what is due once the kubelet has called, and not before (regression 20)', async () => {
    const node = await aServingNode([pod]);
    await node.restart();
    await node.pass(minutes(8));
    expect(node.requests).toBe(1);
    expect(await node.publish(pod)).toBe('ok');
    await node.pass(seconds(1));
    expect(node.requests).toBe(2);
  });

  it('keeps the others though one of them cannot even be looked at', async () => {
    const [odd = pod, ...others] = pods.slice(0, 3);
    const node = await aServingNode([odd, ...others]);
    node.stop();
    const volume = node.volumes.get(volumeOf(odd));
    if (volume === undefined || typeof volume.state === 'string') throw new Error('no state');
    // Stands for whatever nobody thought of.
    const delivered = { ...volume.state.delivered, issuedAt: 0n } as never;
    node.volumes.set(volumeOf(odd), { ...volume, state: { ...volume.state, delivered } });
    node.removeBinding();
    await node.restart();
    await node.pass(seconds(1));
    expect(node.log.lines).toContainEqual(
      expect.objectContaining({ volume: volumeOf(odd), error: expect.stringContaining('BigInt') }),
    );
    for (const one of others) expect(node.read(one)).toBeUndefined();
    for (const one of others) expect(await node.publish(one)).toBe('ok');
  });

  it('takes away what was withdrawn, and what ended, while it was not there', async () => {
    const withdrawn = await aServingNode([pod]);
    withdrawn.stop();
    withdrawn.withdraw();
    await withdrawn.restart();
    await withdrawn.pass(seconds(5));
    expect(withdrawn.read(pod)).toBeUndefined();

    const ended = await aServingNode([pod]);
    ended.stop();
    await ended.pass(minutes(20));
    await ended.restart();
    await ended.pass(seconds(1));
    expect(ended.read(pod)).toBeUndefined();
    expect(await ended.publish(pod)).toBe('ok');
    await ended.pass(seconds(1));
    expect(ended.read(pod)).toBeDefined();
  });

  it('has what was emptied still for a volume that the pod has', async () => {
    const node = await aServingNode([pod]);
    node.withdraw();
    await node.pass(seconds(2));
    await node.restart();
    expect(await node.publish(pod)).toBe('ok');
    node.putBinding();
    await node.pass(seconds(2));
    expect(node.read(pod)).toBeDefined();
  });

  it('removes what no call has come to its end for, however often that fails, and makes it anew when the kubelet calls', async () => {
    const node = await aServingNode([pod]);
    cutOff(node);
    node.stop();
    node.renew();
    node.store.failing.set('remove', 'EBUSY');
    await node.start();
    await node.pass(seconds(20));
    expect(node.volumes.get(volumeOf(pod))?.files).not.toEqual({});
    node.store.failing.clear();
    await node.pass(seconds(10));
    expect(node.volumes.size).toBe(0);
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    expect(node.read(pod)).toBeDefined();
  });

  it('has a call of the kubelet wait while it removes that', async () => {
    const node = await aServingNode([pod]);
    cutOff(node);
    node.stop();
    node.renew();
    const { promise, resolve: umounted } = Promise.withResolvers<void>();
    const remove = node.store.remove.bind(node.store);
    node.store.remove = (id, path) => promise.then(() => remove(id, path));
    await node.start();
    await node.pass(seconds(1));
    const call = node.manager.publish(node.request(pod), new AbortController().signal);
    await node.pass(seconds(1));
    umounted();
    await node.pass(seconds(1));
    expect(await call).toEqual({ ok: true, value: undefined });
    expect(node.read(pod)).toBeDefined();
  });

  it('goes on emptying what it was killed over, be it that a token is granted again', async () => {
    const node = await aServingNode([pod]);
    node.store.failing.set('clear', 'killed');
    node.withdraw();
    await node.pass(seconds(1));
    node.issuer.fail('requestToken', { kind: 'unavailable', detail: 'the issuer is away' }, Infinity);
    node.putBinding();
    node.stop();
    node.renew();
    node.store.failing.set('clear', 'EIO');
    await node.start();
    await node.pass(seconds(5));
    node.store.failing.clear();
    await node.pass(seconds(10));
    expect(node.read(pod)).toBeUndefined();
    node.issuer.recover();
    await node.publish(pod);
    await node.pass(seconds(1));
    expect(node.read(pod)).toBeDefined();
  });

  it('empties a volume whose state it cannot read, gives it a token at the next call, and removes it if none comes', async () => {
    const node = await aServingNode(pods.slice(0, 2));
    for (const one of pods.slice(0, 2)) {
      const volume = node.volumes.get(volumeOf(one));
      if (volume) node.volumes.set(volumeOf(one), { ...volume, state: 'spoilt' });
    }
    await node.restart();
    expect(node.read(pod)).toBeUndefined();
    expect(await node.publish(pod, seconds(1))).toBe('ok');
    expect(node.read(pod)).toBeDefined();
    await node.pass(minutes(15));
    expect([...node.volumes.keys()]).toEqual([volumeOf(pod)]);
  });

  it('does not start where the memory file system cannot be had', async () => {
    const node = await aNode();
    node.store.open = () => Promise.resolve({ ok: false, error: { detail: 'mount: permission denied' } });
    expect(await node.manager.open()).toEqual({ ok: false, error: { detail: 'mount: permission denied' } });
  });
});

describe('a plug-in that stops', () => {
  it('ends what is under way, and leaves what pods have', async () => {
    const node = await aServingNode([pod]);
    const other = { name: 'other', binding: 'missing' };
    const call = node.manager.publish(node.request(other), new AbortController().signal);
    await node.clock.settle();
    node.stop();
    await node.clock.settle();
    expect(await call).toMatchObject({ ok: false, error: { code: 'Unavailable' } });
    expect(node.read(pod)).toBeDefined();
    expect(node.store.seenAt(targetOf(other))).toBeUndefined();
    expect(await node.publish(other)).toBe('Unavailable: the plug-in is stopping');
  });
});

describe('volumes without a pod', () => {
  it('are removed within minutes, and no others', async () => {
    const node = await aServingNode(pods.slice(0, 2));
    node.podDirectories.delete('uid-web-0');
    await node.pass(minutes(4));
    expect([...node.volumes.keys()]).toEqual(['csi-web-1']);
    expect(node.metrics.values['grantor_node_volumes_leaked_total{}']).toBe(1);
  });

  it('are removed when that failed before', async () => {
    const node = await aServingNode([pod]);
    node.podDirectories.clear();
    node.store.failing.set('remove', 'EBUSY');
    await node.pass(minutes(4));
    expect(node.volumes.size).toBe(1);
    node.store.failing.clear();
    await node.pass(minutes(4));
    expect(node.volumes.size).toBe(0);
  });
});
