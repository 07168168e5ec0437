import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectionPath } from '../../src/kube/resource-path.ts';
import { type Api, openApi } from '../cluster/api.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { readManifests, resourceOf } from '../stage/manifests.ts';
import { type KindsServer, openKindsServer } from './api-server.ts';
import { at } from './paths.ts';

// What people apply: the API server takes each object, with no field that it does not know. Nothing is stored.
const manifests = ['deploy', 'examples/volumes'].flatMap((folder) =>
  readManifests(at(folder)).map((manifest) => ({
    manifest,
    what: `${manifest.kind} ${manifest.metadata.name} of ${folder}`,
  })),
);

describe('the API server takes', () => {
  let kinds: KindsServer;
  let api: Api;
  beforeAll(async () => {
    kinds = await openKindsServer(testKubeconfig(), ['acme-prod', 'grantor-system']);
    api = openApi(testKubeconfig());
  });
  afterAll(async () => {
    await api.close();
    await kinds.close();
  });

  test.each(manifests)('$what', async ({ manifest }) => {
    const { namespace, name } = manifest.metadata;
    const path = collectionPath(resourceOf(manifest), namespace);
    if (!path.ok) throw new Error(path.error.message);
    const another = { ...manifest, metadata: { ...manifest.metadata, name: `${name}-again` } };
    const { status, body } = await api.send(
      'POST',
      `${path.value}?fieldValidation=Strict&dryRun=All`,
      another,
    );
    expect([status, body.message]).toEqual([201, undefined]);
  });
});
