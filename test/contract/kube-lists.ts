import { describe, expect, test } from 'vitest';
import type { ListOptions } from '../../src/kube/kube-client.ts';
import { collect } from '../fakes/collect.ts';
import {
  aSecret,
  aWidget,
  expectOk,
  type KubeUnderTest,
  type SecretObject,
  secrets,
  widgets,
} from './kube-client-data.ts';

/** Lists: selectors, pages, and how much of an object comes. */
export function describeLists(under: () => KubeUnderTest): void {
  const pagesOf = async (options: ListOptions) => {
    const pages = await collect(
      under().client.list<SecretObject>(secrets, { namespace: under().namespace, ...options }),
    );
    return pages.map(expectOk);
  };
  const ofType = 'type=grantor.dev/listed';

  describe('list', () => {
    test('gives what the selectors let through, in pages of one version', async () => {
      const { client, namespace } = under();
      for (const name of ['list-a', 'list-b', 'list-c'])
        await client.create(
          secrets,
          aSecret({ namespace, name, labels: { of: name } }, { type: 'grantor.dev/listed' }),
        );
      await client.create(secrets, aSecret({ namespace, name: 'list-other' }));

      const pages = await pagesOf({ fieldSelector: ofType, pageSize: 2 });
      expect(pages.map(({ items }) => items.map(({ metadata }) => metadata.name))).toEqual([
        ['list-a', 'list-b'],
        ['list-c'],
      ]);
      expect(new Set(pages.map(({ resourceVersion }) => resourceVersion)).size).toBe(1);
      expect(pages[0]?.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Secret', data: { token: 'b25l' } });

      const [labelled] = await pagesOf({ fieldSelector: ofType, labelSelector: 'of=list-b' });
      expect(labelled?.items.map(({ metadata }) => metadata.name)).toEqual(['list-b']);
      const [other] = await pagesOf({ namespace: `${namespace}-absent` });
      expect(other?.items).toEqual([]);
      expect(Number(other?.resourceVersion)).toBeGreaterThan(0);
    });

    test('gives metadata only if that is enough', async () => {
      const { client, namespace } = under();
      const annotations = { a: '1' };
      const secret = aSecret({ namespace, name: 'partial', annotations }, { type: 'grantor.dev/partial' });
      const { metadata } = expectOk(await client.create(secrets, secret));
      const [page] = await pagesOf({ fieldSelector: 'type=grantor.dev/partial', metadataOnly: true });
      const [item] = page?.items ?? [];
      const { uid, resourceVersion } = metadata;
      expect(item).toMatchObject({
        kind: 'PartialObjectMetadata',
        metadata: { name: 'partial', uid, resourceVersion, annotations },
      });
      expect(item).not.toHaveProperty('data');
      expect(item).not.toHaveProperty('type');
    });

    test('gives the objects of one kind, with spec and status', async () => {
      const { client, namespace } = under();
      const created = expectOk(await client.create(widgets, aWidget({ namespace, name: 'listed' })));
      const pages = (await collect(client.list(widgets, { namespace }))).map(expectOk);
      const found = pages.flatMap(({ items }) => items).find(({ metadata }) => metadata.name === 'listed');
      expect(found).toEqual(created);
    });
  });
}
