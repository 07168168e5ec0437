import { describe, expect, test } from 'vitest';
import { isTampered } from '../../src/delivery/other-hands.ts';
import { collect } from '../fakes/collect.ts';
import {
  aSecret,
  aServiceAccount,
  aWidget,
  configMaps,
  expectOk,
  identityOf,
  type KubeUnderTest,
  kindOf,
  otherUID,
  type SecretObject,
  secrets,
  serviceAccounts,
  type WidgetObject,
  widgets,
} from './kube-client-data.ts';

/** Single objects: what is stored, under which preconditions, and what is refused. */
export function describeWrites(under: () => KubeUnderTest): void {
  const at = (name: string) => ({ namespace: under().namespace, name });
  const created = async (name: string) =>
    expectOk(await under().client.create<SecretObject>(secrets, aSecret(at(name))));

  describe('a write', () => {
    test('can be read back, and what is not there is named', async () => {
      const { client } = under();
      const secret = await created('read');
      expect(expectOk(await client.get(secrets, at('read')))).toEqual(secret);
      expect(secret.data).toEqual({ token: 'b25l' });
      expect(kindOf(await client.get(secrets, at('absent')))).toBe('notFound 404');
      expect(kindOf(await client.create(secrets, aSecret(at('read'))))).toBe('alreadyExists 409');
    });

    test('with a field that the kind does not have is refused, and nothing dropped', async () => {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: at('strict'), dta: {} };
      const result = await under().client.create(configMaps, object);
      expect(result).toMatchObject({
        ok: false,
        error: { kind: 'invalid', message: expect.stringContaining('dta') },
      });
    });

    test('that changes nothing leaves the version as it is', async () => {
      const { client } = under();
      const secret = await created('same');
      const again = expectOk(await client.replace(secrets, secret));
      expect(again.metadata.resourceVersion).toBe(secret.metadata.resourceVersion);
    });

    test('never joins a name into a path unencoded', async () => {
      const { client } = under();
      expect(kindOf(await client.get(secrets, at('../../../../version')))).toMatch(/^(notFound|invalid)/);
      expect(kindOf(await client.get(secrets, { namespace: '..', name: 'x' }))).toBe('invalid undefined');
    });

    test('whose caller has stopped is not done', async () => {
      const { client } = under();
      const result = await client.create(secrets, aSecret(at('stopped')), { signal: AbortSignal.abort() });
      expect(result).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
      expect(kindOf(await client.get(secrets, at('stopped')))).toBe('notFound 404');
    });
  });

  describe('replace', () => {
    test('replaces only the object and version that it was given', async () => {
      const { client } = under();
      const first = await created('replace');
      const second = expectOk(await client.replace(secrets, { ...first, data: { other: 'dHdv' } }));
      expect(second.data).toEqual({ other: 'dHdv' });
      expect(kindOf(await client.replace(secrets, { ...first, data: {} }))).toBe('conflict 409');
      const foreign = { ...second, metadata: { ...second.metadata, uid: otherUID } };
      expect(kindOf(await client.replace(secrets, { ...foreign, data: {} }))).toBe('conflict 409');
      const absent = { ...second, metadata: { ...second.metadata, name: 'replace-absent' } };
      expect((await client.replace(secrets, absent)).ok).toBe(false);
      expect(kindOf(await client.get(secrets, at('replace-absent')))).toBe('notFound 404');
    });

    test('never changes the type of a Secret, nor one that is immutable', async () => {
      const { client } = under();
      const secret = await created('types');
      expect(kindOf(await client.replace(secrets, { ...secret, type: 'Opaque' }))).toBe('invalid 422');
      const fixed = expectOk(await client.replace(secrets, { ...secret, immutable: true }));
      expect(kindOf(await client.replace(secrets, { ...fixed, data: { token: 'dHdv' } }))).toBe(
        'invalid 422',
      );
    });
  });

  describe('managedFields', () => {
    const seen = async (name: string): Promise<boolean> => {
      const { client, namespace } = under();
      const selection = { namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: true };
      const pages = await collect(client.list(secrets, selection));
      const [found] = pages.flatMap((page) => expectOk(page).items);
      if (found === undefined) throw new Error('there was nothing to be seen');
      return isTampered(found.metadata, ['token']);
    };

    test('tell those who see metadata alone whether anybody but us wrote the data', async () => {
      const { client, other } = under();
      const secret = await created('hands');
      expect(await seen('hands')).toBe(false);
      const renewed = expectOk(await client.replace(secrets, { ...secret, data: { token: 'dHdv' } }));
      expect(await seen('hands')).toBe(false);
      const { uid, resourceVersion } = renewed.metadata;
      const labels = { seen: 'yes' };
      await other.patchMetadata(secrets, { ...at('hands'), uid, resourceVersion }, { labels });
      expect(await seen('hands')).toBe(false);
      const current = expectOk(await client.get<SecretObject>(secrets, at('hands')));
      expectOk(await other.replace(secrets, { ...current, data: { token: 'dGhyZWU=' } }));
      expect(await seen('hands')).toBe(true);
    });
  });

  describe('patchMetadata', () => {
    test('changes only the object and version that it was given, and removes with null', async () => {
      const { client } = under();
      const first = await created('patch');
      const annotated = expectOk(
        await client.patchMetadata(secrets, identityOf(first), { annotations: { a: '1', b: '2' } }),
      );
      expect(annotated.metadata.annotations).toEqual({ a: '1', b: '2' });
      const change = { annotations: { a: null }, labels: { c: '3' } };
      expect(kindOf(await client.patchMetadata(secrets, identityOf(first), change))).toBe('conflict 409');
      const other = { ...identityOf(annotated), uid: otherUID };
      expect(kindOf(await client.patchMetadata(secrets, other, change))).toMatch(/ 4/);
      const removed = expectOk(await client.patchMetadata(secrets, identityOf(annotated), change));
      expect(removed.metadata).toMatchObject({ annotations: { b: '2' }, labels: { c: '3' } });
      expect((removed as SecretObject).data).toEqual(first.data);
    });
  });

  describe('apply', () => {
    test('creates and changes what is its own, and with a UID never creates', async () => {
      const { client } = under();
      const object = { ...aServiceAccount({ ...at('apply'), labels: { a: '1' } }) };
      const first = expectOk(await client.apply(serviceAccounts, object));
      expect(first.metadata.labels).toEqual({ a: '1' });
      const second = await client.apply(
        serviceAccounts,
        aServiceAccount({ ...at('apply'), labels: { a: '2' } }),
      );
      expect(expectOk(second).metadata).toMatchObject({ uid: first.metadata.uid, labels: { a: '2' } });
      const absent = aServiceAccount({ ...at('apply-absent'), uid: otherUID });
      expect(kindOf(await client.apply(serviceAccounts, absent))).toBe('conflict 409');
    });
  });

  describe('applyStatus', () => {
    test('needs the very version, changes nothing but status, and removes what it leaves out', async () => {
      const { client } = under();
      const first = expectOk(await client.create<WidgetObject>(widgets, aWidget(at('status'))));
      const { resourceVersion } = first.metadata;
      const of = (version: string) => ({ ...at('status'), resourceVersion: version });
      const status = { observedGeneration: 1, clientID: 'client-1' };
      const told = expectOk(await client.applyStatus<WidgetObject>(widgets, of(resourceVersion), status));
      expect(told).toMatchObject({ status, spec: first.spec });
      expect(kindOf(await client.applyStatus(widgets, of(resourceVersion), {}))).toBe('conflict 409');
      const less = await client.applyStatus<WidgetObject>(widgets, of(told.metadata.resourceVersion), {
        observedGeneration: 1,
      });
      expect(expectOk(less).status).toEqual({ observedGeneration: 1 });
      const absent = { ...at('status-absent'), resourceVersion };
      expect(kindOf(await client.applyStatus(widgets, absent, status))).toMatch(/^(notFound|conflict)/);
    });
  });

  describe('the generation', () => {
    test('counts changes of the spec, and of nothing else', async () => {
      const { client } = under();
      let object = expectOk(await client.create<WidgetObject>(widgets, aWidget(at('generation'))));
      expect(object.metadata.generation).toBe(1);
      object = expectOk(
        await client.patchMetadata<WidgetObject>(widgets, identityOf(object), { labels: { a: '1' } }),
      );
      object = expectOk(
        await client.applyStatus<WidgetObject>(widgets, identityOf(object), { clientID: 'c' }),
      );
      expect(object.metadata.generation).toBe(1);
      const changed = {
        ...object,
        spec: { ...object.spec, roles: ['biller'] },
        status: { clientID: 'forged' },
      };
      object = expectOk(await client.replace(widgets, changed));
      expect(object).toMatchObject({ metadata: { generation: 2 }, status: { clientID: 'c' } });
      object = expectOk(await client.replace(widgets, { ...object, status: { clientID: 'forged' } }));
      expect(object).toMatchObject({ metadata: { generation: 2 }, status: { clientID: 'c' } });
    });

    test('is not counted for kinds that have none', async () => {
      const { client } = under();
      const secret = await created('no-generation');
      const changed = expectOk(await client.replace(secrets, { ...secret, data: {} }));
      expect(changed.metadata.generation).toBeUndefined();
    });
  });
}
