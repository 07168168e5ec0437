import type { VolumeStore } from '../../src/node/volume-store.ts';
import type { Volumes } from '../../src/node/volumes.ts';
import { err, ok } from '../../src/std/result.ts';

/** Volumes without grants and issuers: every pod that asks gets the same files. What is tested with it is all that lies around decisions. */
export const storedVolumes = (store: VolumeStore, files: Readonly<Record<string, string>>): Volumes => ({
  async publish({ volumeID, targetPath, pod, binding, access }) {
    for (const step of [
      () => store.save({ volumeID, targetPath, pod, binding, access, published: false }),
      () => store.write(volumeID, files, access),
      () => store.mount(volumeID, targetPath),
    ]) {
      const done = await step();
      if (!done.ok) return err({ code: 'Internal', message: done.error.detail });
    }
    return ok(undefined);
  },
  overlook: () => false,
  async unpublish(volumeID, targetPath) {
    const removed = await store.remove(volumeID, targetPath);
    return removed.ok ? removed : err({ code: 'Internal', message: removed.error.detail });
  },
});
