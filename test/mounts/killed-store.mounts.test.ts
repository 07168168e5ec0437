import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemMounts } from '../../src/node/mounts.ts';
import type { VolumeStore } from '../../src/node/volume-store.ts';
import { aState } from '../contract/volume-store.ts';
import { mortal } from './mortal.ts';
import { realStore } from './real-store.ts';

const access = { mode: 0o440, group: 2000 };
const first = { token: 'first', 'metadata.json': 'first' };
const second = { token: 'second', 'metadata.json': 'second', 'dpop.jwk': 'second' };
const third = { token: 'third', 'metadata.json': 'third' };

type Act = (store: VolumeStore, target: string) => Promise<unknown>;
/** All that can happen to a volume, one after the other. */
const acts: readonly Act[] = [
  (store) => store.open(),
  (store, target) => store.save(aState('csi-1', target)),
  (store) => store.write('csi-1', first, access),
  (store, target) => store.mount('csi-1', target),
  (store) => store.write('csi-1', second, access),
  (store) => store.clear('csi-1'),
  (store) => store.write('csi-1', third, access),
  (store, target) => store.save({ ...aState('csi-1', target), binding: 'another' }),
  (store, target) => store.remove('csi-1', target),
];

/** Lets a plug-in live for some steps. Says whether it came to its end before. */
async function live(
  steps: number,
  target: string,
  real: Awaited<ReturnType<typeof realStore>>,
): Promise<boolean> {
  const machine = mortal(steps);
  const store = real.startWith(machine);
  for (const act of acts) {
    const done = act(store, target);
    // What waits for a step that never happens waits for ever.
    let result: unknown;
    while (result === undefined && !machine.dead) result = await Promise.race([done, pause()]);
    if (machine.dead) return true;
    expect(result).toMatchObject({ ok: true });
  }
  return false;
}
const pause = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1));

const expectWhole = (seen: unknown): void => {
  if (seen === undefined) return;
  const contents = Object.values(seen as Record<string, { content: string }>).map(({ content }) => content);
  expect(new Set(contents).size, JSON.stringify(seen)).toBeLessThanOrEqual(1);
};

test('a plug-in that is killed between any two steps leaves what the next one goes on with', async () => {
  for (let steps = 0; ; steps++) {
    const real = await realStore();
    const target = await real.target('web-1');
    const killed = await live(steps, target, real);
    const store = real.start();

    const found = await store.open();
    expect(found, `killed before step ${steps}`).toMatchObject({ ok: true });
    const volumes = found.ok ? found.value : [];
    for (const { state } of volumes) if (state) expect(state).toMatchObject({ targetPath: target });
    // What pods see belongs to a volume that is known, and is the whole of one set.
    const seen = await real.seenAt(target);
    if (seen !== undefined) expect(volumes).toEqual([{ volumeID: 'csi-1', state: expect.anything() }]);
    expectWhole(seen);

    // The kubelet asks again, and all goes its way.
    for (const act of [acts[1]!, acts[4]!, acts[3]!])
      expect(await act(store, target), `after step ${steps}`).toMatchObject({ ok: true });
    expect(Object.keys((await real.seenAt(target)) as object).sort()).toEqual(Object.keys(second).sort());
    expectWhole(await real.seenAt(target));
    const home = join(real.directory, 'volumes/shop/csi-1');
    const left = (await readdir(join(home, 'data'))).filter((name) => !/^(\.\.data|\.\.set-\w+)$/.test(name));
    expect(left.sort()).toEqual(Object.keys(second).sort());
    expect(await readdir(join(home, 'data'))).toHaveLength(Object.keys(second).length + 2);
    expect((await readdir(home)).sort()).toEqual(['data', 'volume.json']);

    // And when the pod goes, nothing stays.
    expect(await store.remove('csi-1', target)).toMatchObject({ ok: true });
    expect(await readdir(join(real.directory, 'volumes'))).toEqual([]);
    expect(await real.exists(target)).toBe(false);
    const table = await systemMounts.table();
    expect(
      table
        .map(({ mountPoint }) => mountPoint)
        .filter((path) => path.startsWith(join(real.directory, '../..'))),
    ).toEqual([]);

    if (!killed) {
      expect(steps).toBeGreaterThan(60);
      return;
    }
  }
}, 120_000);
