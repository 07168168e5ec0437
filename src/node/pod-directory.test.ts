import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isPodThere } from './pod-directory.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pods-'));
});
afterEach(() => rm(root, { recursive: true }));
const targetOf = (uid: string) => join(root, 'pods', uid, 'volumes/kubernetes.io~csi/token/mount');

it('a pod is there as long as the kubelet has a folder for it, whatever became of its volumes', async () => {
  await mkdir(join(root, 'pods/uid-1'), { recursive: true });
  expect(await isPodThere(targetOf('uid-1'), 'uid-1')).toBe(true);
  expect(await isPodThere(targetOf('uid-2'), 'uid-2')).toBe(false);
});

it('no pod is taken for gone where the folder of all pods cannot be seen, or the path is another than a kubelet has', async () => {
  expect(await isPodThere(targetOf('uid-1'), 'uid-1')).toBe(true);
  expect(await isPodThere('/somewhere/else', 'uid-1')).toBe(true);
});
