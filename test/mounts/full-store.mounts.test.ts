import { readdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aState } from '../contract/volume-store.ts';
import { realStore } from './real-store.ts';

const access = { mode: 0o444, group: undefined };
const set = (n: number) => ({
  token: `${n % 10}`.repeat(16_000),
  expires_at: `${n}`,
  'metadata.json': `${n}`,
});

test('a full file system keeps the old files, takes nothing more by being tried again, and is well once there is room', async () => {
  const real = await realStore();
  const store = real.start();
  await store.open();
  const target = await real.target('web-1');
  await store.save(aState('csi-1', target));
  await store.write('csi-1', set(0), access);
  await store.mount('csi-1', target);
  const volumes = join(real.directory, 'volumes/shop');
  const ballast = join(volumes, 'ballast');
  const { bsize, bavail, ffree } = await statfs(volumes);
  // Two pages are left: enough for a folder and half a token.
  await writeFile(ballast, Buffer.alloc((bavail - 2) * bsize));

  const before = await real.seenAt(target);
  for (let n = 1; n <= 20; n++)
    expect(await store.write('csi-1', set(n), access)).toMatchObject({
      ok: false,
      error: { detail: expect.stringContaining('ENOSPC') },
    });
  expect(await real.seenAt(target)).toEqual(before);
  expect(
    (await readdir(join(volumes, 'csi-1/data'))).filter((name) => name.startsWith('..set-')),
  ).toHaveLength(1);
  expect((await statfs(volumes)).ffree).toBe(ffree - 1);

  await writeFile(ballast, '');
  expect(await store.write('csi-1', set(21), access)).toMatchObject({ ok: true });
  expect(await real.seenAt(target)).toMatchObject({ expires_at: { content: '21' } });
});
