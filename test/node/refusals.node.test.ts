import { beforeAll, describe, expect, test } from 'vitest';
import { testNode } from '../cluster/node/test-node.ts';
import { look } from '../e2e/look.ts';
import { aClient, aServiceAccount, serviceAccountKind } from '../e2e/objects.ts';
import { aPod, aVolumeBinding, type PodOptions } from './pods.ts';
import { useNodeStage } from './use-node-stage.ts';

/** What is wrong with a pod, and the sentence that it is told. */
const refusals: Readonly<Record<string, readonly [PodOptions, RegExp]>> = {
  'another ServiceAccount': [
    { serviceAccountName: 'other' },
    /WorkloadIdentityBinding api is for ServiceAccount api, and the pod runs as other/,
  ],
  'an unknown attribute': [
    { attributes: { binding: 'api', audience: 'https://elsewhere.example' } },
    /volumeAttributes has "audience", which is none of binding, fileMode, group/,
  ],
  'an attribute of the kubelet': [
    { attributes: { binding: 'api', 'csi.storage.k8s.io/fake': 'x' } },
    /volumeAttributes has "csi.storage.k8s.io\/fake", which is none of/,
  ],
  'no binding': [{ attributes: {} }, /volumeAttributes needs binding/],
  'a path as binding': [{ attributes: { binding: '../api' } }, /is no name of a WorkloadIdentityBinding/],
  'a writable file mode': [
    { attributes: { binding: 'api', fileMode: '0666' } },
    /fileMode in volumeAttributes is one of/,
  ],
  'a group that is none': [{ attributes: { binding: 'api', group: 'staff' } }, /is no group id/],
  'a writable volume': [{ volume: { readOnly: false } }, /the volume needs readOnly: true/],
  'a file system type': [{ volume: { fsType: 'ext4' } }, /has no fsType/],
  'a binding that is not there': [
    { attributes: { binding: 'missing' } },
    /there is no WorkloadIdentityBinding missing in namespace refused/,
  ],
  'a binding that is not granted': [
    { serviceAccountName: 'greedy', attributes: { binding: 'greedy' } },
    /WorkloadIdentityBinding greedy is not granted.*admin/,
  ],
  'a binding whose issuer is unknown': [
    { serviceAccountName: 'lost', attributes: { binding: 'lost' } },
    /WorkloadIdentityBinding lost is not granted/,
  ],
};

describe.skipIf(testNode() === undefined)('a pod that may not have what it mounts', () => {
  const on = useNodeStage();
  const see = look(on.stage);
  const nameOf = (what: string): string => what.replaceAll(' ', '-').toLowerCase();

  beforeAll(async () => {
    await on.tenant('refused');
    await on.stage.apply([
      aServiceAccount('refused', 'other'),
      ...['greedy', 'lost'].map((name) => aServiceAccount('refused', name)),
      aClient('refused', 'greedy', { scopes: ['admin'] }),
      aVolumeBinding('refused', 'greedy', { token: { scopes: ['admin'], audience: 'https://api.example' } }),
      aClient('refused', 'lost', { issuerRef: { name: 'nowhere' } }),
      aVolumeBinding('refused', 'lost'),
    ]);
    await on.tenant('beside');
    await on.stage.apply([
      aVolumeBinding('refused', 'lent', { serviceAccountName: 'api', clientRef: { name: 'api' } }),
    ]);
    await see.until('binding', 'refused/lent', 'True');
    await on.apply(aPod('beside', 'borrowing', { attributes: { binding: 'lent' } }));
    // All at once: some are told at once, some after what might still come was waited for.
    await on.apply(
      ...Object.entries(refusals).map(([what, [options]]) => aPod('refused', nameOf(what), options)),
    );
  });

  test.each(Object.entries(refusals))(
    'for %s is told so in one sentence, and nothing is mounted',
    async (what, [, sentence]) => {
      const told = await on.event('refused', nameOf(what), /^FailedMount.*rpc error/, 50_000);
      expect(told).toMatch(sentence);
      expect(told).not.toMatch(/eyJ|\n/);
      const pod = (await on.pods('refused')).find(({ metadata }) => metadata.name === nameOf(what))!;
      expect(pod.status.phase).toBe('Pending');
      expect(
        (await on.traces([pod.metadata.uid])).filter((line) => line.includes('kubernetes.io~csi')),
      ).toEqual([]);
      expect(on.issued().filter(({ pod_uid }) => pod_uid === pod.metadata.uid)).toEqual([]);
    },
  );

  test('regression 26: gets no token of another namespace by the name of its binding', async () => {
    const told = await on.event('beside', 'borrowing', /^FailedMount.*rpc error/, 50_000);
    expect(told).toMatch(/there is no WorkloadIdentityBinding lent in namespace beside/);
    const [pod] = await on.pods('beside');
    expect(pod?.status.phase).toBe('Pending');
    expect(on.issued()).toEqual([]);
  });

  test('regression 26: gets none by the name of a ServiceAccount that was created anew', async () => {
    await on.tenant('recreated');
    // What it grants is for the controller to say, and that one is away.
    await on.stage.controller.program.end();
    await see.remove(serviceAccountKind, 'recreated/api');
    await on.stage.apply([aServiceAccount('recreated')]);
    await on.apply(aPod('recreated', 'successor'));
    expect(await on.event('recreated', 'successor', /^FailedMount.*rpc error/, 50_000)).toMatch(
      /ServiceAccount api was created anew/,
    );
    expect(on.issued()).toEqual([]);
    await on.stage.startController();
  }, 60_000);

  test('gets it once what was wrong is mended', async () => {
    const name = nameOf('a binding that is not there');
    await on.stage.apply([
      aVolumeBinding('refused', 'missing', { serviceAccountName: 'api', clientRef: { name: 'api' } }),
    ]);
    await on.kubectl([
      '--namespace=refused',
      'wait',
      '--for=condition=Ready',
      `pod/${name}`,
      '--timeout=140s',
    ]);
  }, 150_000);
});
