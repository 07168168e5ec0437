import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import {
  applyManifests,
  type Manifest,
  parseManifests,
  readManifests,
  resourceOf,
} from '../stage/manifests.ts';
import { root, setStage } from '../stage/stage.ts';
import { anIssuer, aSecret, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane } from './use-stage.ts';

const dir = mkdtempSync(join(tmpdir(), 'grantor-guest-'));
let kube: KubeClient;
beforeAll(async () => {
  kube = createKubeClient({
    config: await loadKubeconfig(testKubeconfig(), systemClock),
    clock: systemClock,
    userAgent: 'test',
    fieldManager: 'test',
  });
});
afterAll(async () => {
  await kube.close();
  rmSync(dir, { recursive: true, force: true });
});

const isThere = async (manifest: Manifest): Promise<boolean> =>
  (await kube.get(resourceOf(manifest), manifest.metadata)).ok;

describe.runIf(onOwnControlPlane())('a stage on a cluster that is not ours', () => {
  test('leaves what was there, and nothing else; clients end at the issuer first', async () => {
    const [namespace, scope] = aTenant('guest') as [Manifest, Manifest];
    const foreign = aSecret('guest', 'foreign');
    const before = [...readManifests(join(root, 'crds')), ...readManifests(join(root, 'deploy'))];
    const left = [...before, namespace, foreign];
    await applyManifests(kube, left);

    const cluster = { kubeconfig: testKubeconfig(), controlPlane: undefined, release: async () => {} };
    const stage = await setStage({ cluster, dir, report: () => {} });
    await stage.startController();
    const added = [anIssuer({ url: stage.issuerURL }), scope, ...aWorkload('guest')];
    await stage.apply([namespace, ...added]);
    const client = { namespace: 'guest', name: 'api' };
    await vi.waitFor(async () => expect(await kube.get(oauthClientKind, client)).toMatchObject(registered), {
      timeout: 10_000,
    });
    await stage.close();

    for (const manifest of added) expect(await isThere(manifest), manifest.kind).toBe(false);
    for (const manifest of left) expect(await isThere(manifest), manifest.kind).toBe(true);
    expect(stage.issuer.log()).toContain('"client.deleted"');
  });

  test('that cannot be set takes back what it did until then', async () => {
    const before = [...readManifests(join(root, 'crds')), ...readManifests(join(root, 'deploy'))];
    await applyManifests(kube, before);
    const [account] = parseManifests(
      '{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: grantor-system, name: grantor-issuer}}',
    ) as [Manifest];
    // Other stages on this cluster may have left it.
    const [left] = await applyManifests(kube, [account]);
    await kube.delete(resourceOf(account), account.metadata, { uid: left!.metadata.uid });
    const stateIsAFolder = join(dir, 'broken');
    mkdirSync(join(stateIsAFolder, 'issuer.db'), { recursive: true });
    const cluster = { kubeconfig: testKubeconfig(), controlPlane: undefined, release: async () => {} };
    await expect(setStage({ cluster, dir: stateIsAFolder, report: () => {} })).rejects.toThrow('issuer.db');
    expect(await isThere(account)).toBe(false);
    for (const manifest of before) expect(await isThere(manifest), manifest.kind).toBe(true);
  });
});

const registered = { value: { status: { clientID: expect.stringMatching(/./) } } };
