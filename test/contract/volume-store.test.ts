import { type FakeVolume, FakeVolumeStore } from '../fakes/fake-volume-store.ts';
import { describeVolumeStore } from './volume-store.ts';

describeVolumeStore('the fake', async () => {
  const volumes = new Map<string, FakeVolume>();
  let store = new FakeVolumeStore(volumes);
  return {
    start() {
      store = new FakeVolumeStore(volumes);
      return store;
    },
    target: (name) => Promise.resolve(`/var/lib/kubelet/pods/${name}/volumes/kubernetes.io~csi/token/mount`),
    async seenAt(targetPath) {
      const seen = store.seenAt(targetPath);
      if (seen === undefined) return undefined;
      const { mode = 0, group = 0 } = seen.access ?? {};
      return Object.fromEntries(
        Object.entries(seen.files).map(([name, content]) => [name, { content, mode, group }]),
      );
    },
    exists: (targetPath) => Promise.resolve(store.seenAt(targetPath) !== undefined),
    async spoilState(volumeID) {
      const volume = volumes.get(volumeID);
      if (volume) volumes.set(volumeID, { ...volume, state: 'the state is no JSON' });
    },
    close: () => Promise.resolve(),
  };
});
