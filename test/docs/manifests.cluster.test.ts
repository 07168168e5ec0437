import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectionPath } from '../../src/kube/resource-path.ts';
import { openKindsServer } from '../api/api-server.ts';
import { type Api, openApi } from '../cluster/api.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { type Manifest, parseManifests, resourceOf } from '../stage/manifests.ts';
import { blocksOf } from './blocks.ts';
import { pages } from './pages.ts';

/** Whole manifests of the pages; what is shown of one in part is only read. */
const manifests = pages().flatMap(({ path, text }) =>
  blocksOf(text)
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ content, line }) =>
      parseManifests(content).flatMap((manifest) =>
        manifest.apiVersion === undefined
          ? []
          : [{ manifest, what: `${manifest.kind} ${manifest.metadata.name} at ${path}:${line}` }],
      ),
    ),
);

describe('the API server takes', () => {
  let api: Api;
  beforeAll(async () => {
    const namespaces = new Set(manifests.flatMap(({ manifest }) => manifest.metadata.namespace ?? []));
    const kinds = await openKindsServer(testKubeconfig(), [...namespaces]);
    await kinds.close();
    api = openApi(testKubeconfig());
  });
  afterAll(() => api.close());

  test.each(manifests)('$what', async ({ manifest }: { readonly manifest: Manifest }) => {
    const path = collectionPath(resourceOf(manifest), manifest.metadata.namespace);
    if (!path.ok) throw new Error(path.error.message);
    const { status, body } = await api.send(
      'POST',
      `${path.value}?fieldValidation=Strict&dryRun=All`,
      manifest,
    );
    expect([status, body.message]).toEqual([201, undefined]);
  });
});
