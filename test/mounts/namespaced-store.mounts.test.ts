import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemMounts } from '../../src/node/mounts.ts';
import { aState } from '../contract/volume-store.ts';
import { realStore } from './real-store.ts';

const access = { mode: 0o444, group: undefined };
const ok = { ok: true };
const set = (n: number) => ({ token: `${n % 10}`.repeat(15_000), expires_at: `${n}` });
const stateIn = (namespace: string, volumeID: string, target: string) => {
  const state = aState(volumeID, target);
  return { ...state, pod: { ...state.pod, namespace } };
};
type Real = Awaited<ReturnType<typeof realStore>>;
const volumesOf = ({ directory }: Real): string => join(directory, 'volumes');
/** What is mounted below the folder of the kubelet, from there on. */
async function mountsOf({ directory }: Real): Promise<string[]> {
  const kubelet = join(directory, '../..');
  const table = await systemMounts.table();
  return table
    .map(({ mountPoint }) => mountPoint)
    .filter((path) => path.startsWith(`${kubelet}/`))
    .map((path) => path.slice(kubelet.length + 1));
}

test('a pod that holds on to whatever it was given fills the file system of its own namespace, and of no other', async () => {
  const real = await realStore();
  const store = real.start();
  await store.open();
  const [greedy, other] = [await real.target('greedy'), await real.target('other')];
  for (const [namespace, id, target] of [
    ['greedy', 'csi-1', greedy],
    ['other', 'csi-2', other],
  ] as const) {
    expect(await store.save(stateIn(namespace, id, target))).toMatchObject(ok);
    expect(await store.write(id, set(0), access)).toMatchObject(ok);
    expect(await store.mount(id, target)).toMatchObject(ok);
  }
  const held = [];
  let isFull = false;
  for (let n = 1; !isFull && n < 5000; n++) {
    held.push(await open(join(greedy, 'token')), await open(join(greedy, 'expires_at')));
    isFull = !(await store.write('csi-1', set(n), access)).ok;
  }
  expect(isFull).toBe(true);
  expect(await store.write('csi-2', set(1), access)).toMatchObject(ok);
  expect(await real.seenAt(other)).toMatchObject({ expires_at: { content: '1' } });
  // A new volume of anybody else comes as ever.
  const third = await real.target('third');
  expect(await store.save(stateIn('third', 'csi-3', third))).toMatchObject(ok);
  for (const file of held) await file.close();
  expect(await store.write('csi-1', set(1), access)).toMatchObject(ok);
});

test('it goes with the last volume of its namespace, whoever comes and goes at the same time', async () => {
  const real = await realStore();
  const store = real.start();
  await store.open();
  const ids = Array.from({ length: 8 }, (_, n) => `csi-${n}`);
  for (let round = 0; round < 5; round++)
    await Promise.all(
      ids.map(async (id, n) => {
        const target = await real.target(id);
        expect(await store.save(stateIn(`shop-${n % 2}`, id, target))).toMatchObject(ok);
        expect(await store.write(id, set(n), access)).toMatchObject(ok);
        expect(await store.mount(id, target)).toMatchObject(ok);
        expect(await real.seenAt(target)).toMatchObject({ expires_at: { content: `${n}` } });
        expect(await store.remove(id, target)).toMatchObject(ok);
      }),
    );
  expect(await readdir(volumesOf(real))).toEqual([]);
  expect(await mountsOf(real)).toEqual([]);
});

test('what a machine that was started anew has left of folders is taken away', async () => {
  const real = await realStore();
  await mkdir(join(volumesOf(real), 'shop'), { recursive: true });
  expect(await real.start().open()).toEqual({ ok: true, value: [] });
  expect(await readdir(volumesOf(real))).toEqual([]);
  expect(await mountsOf(real)).toEqual([]);
});

test('it is not opened where the node would not see the mounts, though there is no volume yet', async () => {
  const real = await realStore();
  const kubelet = join(real.directory, '../..');
  execFileSync('mount', ['-o', 'bind', kubelet, kubelet]);
  execFileSync('mount', ['--make-private', kubelet]);
  expect(await real.start().open()).toMatchObject({
    error: { detail: expect.stringMatching(/needs mountPropagation Bidirectional/) },
  });
});

test.each(['', '.', '..', '../shop', 'a/b', 'Shop', 'x'.repeat(64)])(
  'a namespace %j is none, and becomes no folder',
  async (namespace) => {
    const real = await realStore();
    const store = real.start();
    await store.open();
    const target = await real.target('web-1');
    expect(await store.save(stateIn(namespace, 'csi-1', target))).toMatchObject({ ok: false });
    expect(await readdir(volumesOf(real))).toEqual([]);
  },
);
