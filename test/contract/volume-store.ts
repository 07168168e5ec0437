import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VolumeState, VolumeStore } from '../../src/node/volume-store.ts';
import { instantOf } from '../../src/std/instant.ts';
import { Secret } from '../../src/std/secret.ts';

/** What a reader sees of one file. */
export interface SeenFile {
  readonly content: string;
  readonly mode: number;
  readonly group: number;
}

export interface StoreUnderTest {
  /** A store over what is there, as each start of the plug-in makes one. */
  start(): VolumeStore;
  /** A place for a volume of a pod, as the kubelet prepares it: the folder above it is there. */
  target(name: string): Promise<string>;
  /** What a pod sees there; undefined where nothing is mounted. Says so where it could write. */
  seenAt(targetPath: string): Promise<Readonly<Record<string, SeenFile>> | 'writable' | undefined>;
  /** Whether anything is at the path itself. */
  exists(targetPath: string): Promise<boolean>;
  spoilState(volumeID: string): Promise<void>;
  close(): Promise<void>;
}

export const aState = (volumeID: string, targetPath: string): VolumeState => ({
  volumeID,
  targetPath,
  pod: { namespace: 'shop', name: 'web-1', uid: '7c1f', serviceAccountName: 'web' },
  binding: 'api',
  access: { mode: 0o440, group: 2000 },
  published: false,
});
const delivered = {
  issuedAt: instantOf(1000),
  expiresAt: instantOf(3_601_000),
  generation: 1,
  ...{ bindingUID: 'b-1', grantHash: 'h' },
  ...{ issuer: 'https://login.example', clientID: 'client-1', tenantID: 'acme' },
};
const forGroup = { mode: 0o440, group: 2000 };
const forAll = { mode: 0o444, group: undefined };
const files = { token: 'first', 'metadata.json': '{}' };

/** What every `VolumeStore` does, the fake included. */
export function describeVolumeStore(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a VolumeStore`, () => {
    let under: StoreUnderTest;
    let store: VolumeStore;
    let target: string;
    beforeEach(async () => {
      under = await create();
      target = await under.target('web-1');
      store = under.start();
      expect(await store.open()).toEqual({ ok: true, value: [] });
    });
    afterEach(() => under.close());

    const done = { ok: true, value: undefined };
    async function publish(volumeID = 'csi-1', targetPath = target): Promise<void> {
      expect(await store.save(aState(volumeID, targetPath))).toEqual(done);
      expect(await store.write(volumeID, files, forGroup)).toEqual(done);
      expect(await store.mount(volumeID, targetPath)).toEqual(done);
    }
    const contents = async (): Promise<unknown> =>
      Object.fromEntries(
        Object.entries((await under.seenAt(target)) ?? {}).map(([file, { content }]) => [file, content]),
      );

    test('files are seen where they are mounted, with their bits and group, and cannot be written', async () => {
      await publish();
      expect(await under.seenAt(target)).toEqual({
        token: { content: 'first', mode: 0o440, group: 2000 },
        'metadata.json': { content: '{}', mode: 0o440, group: 2000 },
      });
    });

    test('without a group they are the group of root', async () => {
      await publish();
      await store.write('csi-1', { token: 'second' }, forAll);
      expect(await under.seenAt(target)).toEqual({ token: { content: 'second', mode: 0o444, group: 0 } });
    });

    test('another set takes the place of the former, under the mount that is there', async () => {
      await publish();
      expect(await store.write('csi-1', { token: 'second', 'dpop.jwk': '{}' }, forGroup)).toEqual(done);
      expect(await contents()).toEqual({ token: 'second', 'dpop.jwk': '{}' });
    });

    test('what is cleared stays mounted and is empty, and can be filled again', async () => {
      await publish();
      expect(await store.clear('csi-1')).toEqual(done);
      expect(await store.clear('csi-1')).toEqual(done);
      expect(await under.seenAt(target)).toEqual({});
      await store.write('csi-1', { token: 'back' }, forGroup);
      expect(await contents()).toEqual({ token: 'back' });
    });

    test('the token can be read once more before it goes', async () => {
      await publish();
      expect((await store.token('csi-1'))?.equals(new Secret('first'))).toBe(true);
      await store.clear('csi-1');
      for (const id of ['csi-1', 'csi-never', '../csi-1']) expect(await store.token(id)).toBeUndefined();
    });

    test('mounting again changes nothing', async () => {
      await publish();
      expect(await store.mount('csi-1', target)).toEqual(done);
      expect(await contents()).toEqual(files);
    });

    test('what another volume has shown at a target path goes when that is taken over', async () => {
      await publish('csi-0');
      await publish('csi-1');
      await store.write('csi-1', { token: 'of the other' }, forGroup);
      expect(await contents()).toEqual({ token: 'of the other' });
    });

    test('removed means: no mount, no folder at the target path, no state; and again is fine', async () => {
      await publish();
      expect(await store.remove('csi-1', target)).toEqual(done);
      expect(await under.seenAt(target)).toBeUndefined();
      expect(await under.exists(target)).toBe(false);
      expect(await under.start().open()).toEqual({ ok: true, value: [] });
      expect(await store.remove('csi-1', target)).toEqual(done);
      expect(await store.remove('csi-never', undefined)).toEqual(done);
    });

    test('a volume is removed wherever it is mounted, also by one who does not know where', async () => {
      await publish();
      const elsewhere = await under.target('web-2');
      expect(await store.mount('csi-1', elsewhere)).toEqual(done);
      expect(await store.remove('csi-1', undefined)).toEqual(done);
      for (const path of [target, elsewhere]) expect(await under.exists(path)).toBe(false);
    });

    test('what was removed, or never kept, is not written, mounted or filled', async () => {
      await publish();
      await store.remove('csi-1', target);
      expect((await store.write('csi-1', files, forGroup)).ok).toBe(false);
      expect((await store.mount('csi-1', target)).ok).toBe(false);
      expect(await store.clear('csi-1')).toEqual(done);
      expect(await under.start().open()).toEqual({ ok: true, value: [] });
    });

    test('a restart finds the states as they were kept last, and files and mounts in their places', async () => {
      await publish();
      const state = { ...aState('csi-1', target), delivered };
      await store.save(state);
      store = under.start();
      expect(await store.open()).toEqual({ ok: true, value: [{ volumeID: 'csi-1', state }] });
      expect(await contents()).toEqual(files);
      await store.write('csi-1', { token: 'renewed' }, forGroup);
      expect(await contents()).toEqual({ token: 'renewed' });
    });

    test('a state that cannot be read is told, spoils no other, and can be removed', async () => {
      await publish();
      await store.save(aState('csi-2', target));
      await under.spoilState('csi-1');
      store = under.start();
      const found = await store.open();
      expect(found).toMatchObject({
        ok: true,
        value: expect.arrayContaining([
          { volumeID: 'csi-1', problem: expect.any(String) },
          { volumeID: 'csi-2', state: aState('csi-2', target) },
        ]),
      });
      expect(await store.remove('csi-1', undefined)).toEqual(done);
      expect(await under.exists(target)).toBe(false);
    });

    test.each(['', '.', '..', '../csi-1', 'a/b', '.hidden', '/etc', 'a\0b', 'ä', 'x'.repeat(129)])(
      'a volume id %j is refused',
      async (volumeID) => {
        for (const result of [
          await store.save(aState(volumeID, target)),
          await store.write(volumeID, files, forGroup),
          await store.clear(volumeID),
          await store.mount(volumeID, target),
          await store.remove(volumeID, undefined),
        ])
          expect(result.ok).toBe(false);
        expect(await under.start().open()).toEqual({ ok: true, value: [] });
      },
    );

    test.each(['/etc', '..', '../../etc', '/', 'relative', '//', './x', '/x/'])(
      'a target path that ends in %j of the folder of pods is refused',
      async (ending) => {
        await publish();
        for (const path of [ending, `${target}/../../../../../../..${ending}`, `${target}/${ending}/`]) {
          expect((await store.mount('csi-1', path)).ok).toBe(false);
          expect((await store.remove('csi-1', path)).ok).toBe(false);
        }
        expect(await contents()).toEqual(files);
      },
    );
  });
}
