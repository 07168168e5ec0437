import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { mountedAt } from '../../src/node/mount-table.ts';
import { systemMounts } from '../../src/node/mounts.ts';
import { aState } from '../contract/volume-store.ts';
import { realStore } from './real-store.ts';

const access = { mode: 0o444, group: undefined };

test('the file system is in memory, bounded, and neither devices nor programs work in it', async () => {
  const real = await realStore();
  const store = real.start();
  await store.open();
  const target = await real.target('web-1');
  await store.save(aState('csi-1', target));
  const volumes = join(real.directory, 'volumes/shop');
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((text) => text.split(' ')[4] === volumes);
  expect(line).toMatch(/rw,nosuid,nodev,noexec.* - tmpfs .*size=16384k.*nr_inodes=8192.*mode=700.*noswap/);

  await store.mount('csi-1', target);
  const seen = mountedAt(await systemMounts.table(), target);
  expect([...(seen?.options ?? [])]).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']));
});

test('the node sees a mount read-only as well, though flags of a remount do not reach it', async () => {
  const real = await realStore();
  const store = real.start();
  const target = await real.target('web-1');
  // A namespace that gets what is mounted here, as the node does from the container of the plug-in.
  const peer = execFileSync(
    'unshare',
    ['--mount', '--propagation', 'unchanged', 'sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!'],
    { encoding: 'utf8' },
  ).trim();
  try {
    await store.open();
    await store.save(aState('csi-1', target));
    await store.write('csi-1', { token: 'here' }, access);
    await store.mount('csi-1', target);
    const table = readFileSync(`/proc/${peer}/mountinfo`, 'utf8').split('\n');
    expect(table.find((text) => text.split(' ')[4] === target)).toMatch(/ ro,nosuid,nodev,noexec/);
    await store.remove('csi-1', target);
    expect(readFileSync(`/proc/${peer}/mountinfo`, 'utf8')).not.toContain(target);
  } finally {
    process.kill(Number(peer));
  }
});

test('a view that a former container left writable on the node is made read-only again', async () => {
  const real = await realStore();
  const former = real.start();
  await former.open();
  const target = await real.target('web-1');
  await former.save(aState('csi-1', target));
  execFileSync('mount', ['-o', 'remount,bind,rw', join(real.directory, 'volumes-ro/shop')]);
  const store = real.start();
  await store.open();
  expect(await store.mount('csi-1', target)).toMatchObject({ ok: true });
  expect(await real.seenAt(target)).toEqual({});
});

test('where the node would not see the mounts, the store is not opened, and says what is missing', async () => {
  const real = await realStore();
  execFileSync('mount', ['-o', 'bind', join(real.directory, '../..'), join(real.directory, '../..')]);
  execFileSync('mount', ['--make-private', join(real.directory, '../..')]);
  expect(await real.start().open()).toMatchObject({
    ok: false,
    error: {
      detail: expect.stringMatching(/are not seen by the node: .* needs mountPropagation Bidirectional/),
    },
  });
});

test('who reads while sets are replaced finds all of one set, at every time', async () => {
  const real = await realStore();
  const store = real.start();
  await store.open();
  const target = await real.target('web-1');
  await store.save(aState('csi-1', target));
  const set = (n: number) => ({ token: `${n}`.repeat(3000), expires_at: `${n}`, 'metadata.json': `${n}` });
  await store.write('csi-1', set(0), access);
  await store.mount('csi-1', target);

  const stop = new SharedArrayBuffer(4);
  const reader = new Worker(new URL('./reading.mjs', import.meta.url), { workerData: { target, stop } });
  const told = once(reader, 'message') as Promise<[{ wrong: string[]; whole: number; different: number }]>;
  await once(reader, 'online');
  for (let n = 1; n <= 500; n++) {
    await store.write('csi-1', set(n), access);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  const [{ wrong, whole, different }] = await told;
  expect(wrong).toEqual([]);
  expect(whole).toBeGreaterThan(100);
  expect(different).toBeGreaterThan(20);
  const handle = await open(join(target, 'token'));
  await store.write('csi-1', set(501), access);
  // What is open stays what it was.
  expect(await handle.readFile('utf8')).toBe('500'.repeat(3000));
  await handle.close();
});
