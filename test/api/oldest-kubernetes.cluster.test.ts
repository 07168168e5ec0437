import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectionPath } from '../../src/kube/resource-path.ts';
import { type Api, openApi } from '../cluster/api.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { newestKubernetes, oldestKubernetes } from '../cluster/kubernetes-module.ts';
import { readManifests, resourceOf } from '../stage/manifests.ts';
import { type KindsServer, openKindsServer } from './api-server.ts';
import { at } from './paths.ts';

const manifests = readManifests(at('deploy')).map((manifest) => ({
  manifest,
  what: `${manifest.kind} ${manifest.metadata.name}`,
}));
/** Known from 1.35 on; the plug-in finds tokens in both places. */
const newer: Readonly<Record<string, string>> = {
  CSIDriver: 'unknown field "spec.serviceAccountTokenInSecrets"',
};

// Its kubelet, and everything else about it, is in test/chart.
describe(`the API server of Kubernetes 1.${oldestKubernetes.minor} takes`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-oldest-'));
  let controlPlane: ControlPlane;
  let kinds: KindsServer;
  let api: Api;
  beforeAll(async () => {
    controlPlane = await startControlPlane({ dir, report: () => {}, release: 'oldest' });
    // All kinds are taken with that.
    kinds = await openKindsServer(controlPlane.adminKubeconfig, ['grantor-system']);
    api = openApi(controlPlane.adminKubeconfig);
  }, 90_000);
  afterAll(async () => {
    await api?.close();
    await kinds?.close();
    await controlPlane?.stop();
    rmSync(dir, { recursive: true });
  });

  test('all kinds, and is what it says', async () => {
    const { body } = await api.send('GET', '/version');
    expect(body.gitVersion).toBe(oldestKubernetes.version);
    expect(newestKubernetes.version).not.toBe(oldestKubernetes.version);
  });

  test.each(manifests)('$what', async ({ manifest }) => {
    const path = collectionPath(resourceOf(manifest), manifest.metadata.namespace);
    if (!path.ok) throw new Error(path.error.message);
    const another = {
      ...manifest,
      metadata: { ...manifest.metadata, name: `${manifest.metadata.name}-again` },
    };
    const { status, body } = await api.send(
      'POST',
      `${path.value}?fieldValidation=Strict&dryRun=All`,
      another,
    );
    const unknown = newer[manifest.kind];
    expect([status, body.message]).toEqual(
      unknown === undefined ? [201, undefined] : [400, expect.stringContaining(unknown)],
    );
  });
});
