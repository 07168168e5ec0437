import { describe, expect, test } from 'vitest';
import {
  aSecret,
  aWidget,
  expectOk,
  identityOf,
  type KubeUnderTest,
  kindOf,
  namespaces,
  otherUID,
  secrets,
  type WidgetObject,
  widgets,
} from './kube-client-data.ts';

const finalizer = 'grantor.dev/test';

/** How objects go: at once, or when their finalizers have gone. */
export function describeLifecycle(under: () => KubeUnderTest): void {
  const at = (name: string) => ({ namespace: under().namespace, name });

  describe('delete', () => {
    test('deletes the object and version that was meant, and no other', async () => {
      const { client } = under();
      const { metadata } = expectOk(await client.create(secrets, aSecret(at('delete'))));
      const { uid } = metadata;
      expect(kindOf(await client.delete(secrets, at('delete'), { uid: otherUID }))).toBe('conflict 409');
      const stale = { uid, resourceVersion: '1' };
      expect(kindOf(await client.delete(secrets, at('delete'), stale))).toBe('conflict 409');
      expectOk(await client.delete(secrets, at('delete'), { uid }));
      expect(kindOf(await client.delete(secrets, at('delete'), { uid }))).toBe('notFound 404');
    });

    test('of an object with finalizers only asks, and it goes with the last of them', async () => {
      const { client } = under();
      const object = aWidget({ ...at('finalizers'), finalizers: [finalizer, 'grantor.dev/other'] });
      const { uid } = expectOk(await client.create(widgets, object)).metadata;
      expectOk(await client.delete(widgets, at('finalizers'), { uid }));
      let asked = expectOk(await client.get<WidgetObject>(widgets, at('finalizers')));
      expect(asked.metadata.deletionTimestamp).toMatch(/^20/);

      const more = { finalizers: [finalizer, 'grantor.dev/other', 'grantor.dev/new'] };
      expect(kindOf(await client.patchMetadata(widgets, identityOf(asked), more))).toBe('invalid 422');
      const told = await client.applyStatus<WidgetObject>(widgets, identityOf(asked), { clientID: 'c' });
      expect(expectOk(told).status).toMatchObject({ clientID: 'c' });

      expectOk(await client.delete(widgets, at('finalizers'), { uid }));
      const again = expectOk(await client.get<WidgetObject>(widgets, at('finalizers')));
      expect(again.metadata.deletionTimestamp).toBe(asked.metadata.deletionTimestamp);

      asked = expectOk(
        await client.patchMetadata<WidgetObject>(widgets, identityOf(again), {
          finalizers: [finalizer],
        }),
      );
      expectOk(await client.patchMetadata(widgets, identityOf(asked), { finalizers: [] }));
      expect(kindOf(await client.get(widgets, at('finalizers')))).toBe('notFound 404');
    });

    test('of an object that was made anew needs its new UID', async () => {
      const { client } = under();
      const first = expectOk(await client.create(secrets, aSecret(at('anew'))));
      expectOk(await client.delete(secrets, at('anew'), { uid: first.metadata.uid }));
      const second = expectOk(await client.create(secrets, aSecret(at('anew'))));
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      expect(kindOf(await client.delete(secrets, at('anew'), { uid: first.metadata.uid }))).toBe(
        'conflict 409',
      );
    });

    test('of a namespace lets nothing new be made in it', async () => {
      const { client, namespace } = under();
      const name = `${namespace}-going`;
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      const { uid } = expectOk(await client.create(namespaces, object)).metadata;
      const kept = expectOk(await client.create(secrets, aSecret({ namespace: name, name: 'kept' })));
      expectOk(await client.delete(namespaces, { name }, { uid }));
      const refused = await client.create(secrets, aSecret({ namespace: name, name: 'new' }));
      expect(kindOf(refused)).toBe('forbidden 403');
      const changed = await client.replace(secrets, { ...kept, data: {} });
      expect(kindOf(changed)).toBe('ok');
    });
  });
}
