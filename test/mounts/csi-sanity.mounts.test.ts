import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPlugIn, type PlugIn } from '../../src/node/plug-in.ts';
import { systemClock } from '../../src/std/clock.ts';
import { csiSanity } from '../cluster/csi-sanity.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { startControllerFront } from '../kubelet/controller-front.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { realStore } from './real-store.ts';
import { storedVolumes } from './stored-volumes.ts';

const sanity = await goToolIfAny(csiSanity);

/** Where all of a run lies. */
let real: Awaited<ReturnType<typeof realStore>>;
let plugIn: PlugIn;
beforeAll(async () => {
  real = await realStore();
  const kubeletDirectory = join(real.directory, '../..');
  await mkdir(join(kubeletDirectory, 'plugins_registry'));
  const store = real.start();
  await store.open();
  const log = recordingLog();
  plugIn = createPlugIn({
    kubeletDirectory,
    nodeName: 'node-1',
    version: '1.2.3',
    clock: systemClock,
    log: { ...log, child: () => log as never },
    volumes: storedVolumes(store, { token: 'fixed' }),
  });
  await plugIn.start();
});
afterAll(() => plugIn.stop());

const reportSchema = z.tuple([
  z.object({
    SpecReports: z.array(
      z.object({
        ContainerHierarchyTexts: z.array(z.string()).nullable(),
        LeafNodeText: z.string(),
        State: z.string(),
        Failure: z.object({ Message: z.string() }).optional(),
      }),
    ),
  }),
]);

/** Runs the Identity and Node specs. What each came to, and why. */
async function run(socket: string, skip: readonly string[] = []): Promise<Readonly<Record<string, string>>> {
  const report = join(real.directory, 'report.json');
  await promisify(execFile)(
    sanity ?? '',
    [
      `-csi.endpoint=unix://${socket}`,
      `-csi.mountdir=${await real.target('sanity')}`,
      `-csi.stagingdir=${join(real.directory, 'staging')}`,
      `-ginkgo.json-report=${report}`,
      '-ginkgo.focus=Identity Service|Node Service',
      ...skip.map((name) => `-ginkgo.skip=${name}`),
    ],
    { timeout: 60_000 },
  ).catch(({ stdout }: { stdout?: string }) => console.log(stdout));
  const [{ SpecReports: specs }] = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')));
  return Object.fromEntries(
    specs
      .filter(({ ContainerHierarchyTexts: texts }) => /Identity Service|Node Service/.test(texts?.[0] ?? ''))
      .map(({ ContainerHierarchyTexts: texts, LeafNodeText, State, Failure }) => [
        [...(texts ?? []), LeafNodeText].join(', '),
        `${State}${Failure ? `: ${Failure.Message}` : ''}`,
      ]),
  );
}

describe.skipIf(sanity === undefined)('csi-sanity', () => {
  // docs/volumes.md has this list, and why.
  const needsController = ['should remove target path', 'should work', 'should be idempotent'];

  test('passes all of Identity and Node that the plug-in announces', async () => {
    const came = await run(join(real.directory, 'csi.sock'), ['should remove target path']);
    expect(
      Object.fromEntries(Object.entries(came).filter(([, state]) => state === 'passed')),
    ).toMatchInlineSnapshot(`
      {
        "Identity Service, GetPluginCapabilities, should return appropriate capabilities": "passed",
        "Identity Service, GetPluginInfo, should return appropriate information": "passed",
        "Identity Service, Probe, should return appropriate information": "passed",
        "Node Service, NodeGetCapabilities, should return appropriate capabilities": "passed",
        "Node Service, NodeGetInfo, should return appropriate values": "passed",
        "Node Service, NodePublishVolume, should fail when no target path is provided": "passed",
        "Node Service, NodePublishVolume, should fail when no volume capability is provided": "passed",
        "Node Service, NodePublishVolume, should fail when no volume id is provided": "passed",
        "Node Service, NodeUnpublishVolume, should fail when no target path is provided": "passed",
        "Node Service, NodeUnpublishVolume, should fail when no volume id is provided": "passed",
      }
    `);
    const others = Object.entries(came).filter(([, state]) => state !== 'passed');
    // What is left is skipped by csi-sanity itself, because it is announced to nobody, or needs a controller service.
    expect(
      others.filter(
        ([name, state]) =>
          !/^skipped: (Service does not have|Node\w+ not supported)/.test(state) &&
          !needsController.some((text) => name.endsWith(text)),
      ),
    ).toEqual([]);
  });

  test('passes what needs a controller service, when it is given one', async () => {
    const socket = join(real.directory, 'front.sock');
    const front = await startControllerFront(socket, join(real.directory, 'csi.sock'));
    try {
      const came = await run(socket);
      for (const name of needsController)
        expect(Object.entries(came).filter(([spec]) => spec.endsWith(name))).toEqual([
          [expect.anything(), 'passed'],
        ]);
      expect(Object.values(came).filter((state) => !/^(passed|skipped)/.test(state))).toEqual([]);
    } finally {
      front.close();
    }
  });
});
