import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { Result } from '../std/result.ts';
import { systemRng } from '../std/rng.ts';
import { createKubeClient } from './create-kube-client.ts';
import type { KubeClient } from './kube-client.ts';
import type { KubeFailure } from './kube-failure.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import type { KubeObject, Stored } from './objects.ts';
import type { ResourceKind } from './resource-path.ts';

const core = (plural: string, kind: string, namespaced = true): ResourceKind => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});
const secrets = core('secrets', 'Secret');
const configMaps = core('configmaps', 'ConfigMap');
const serviceAccounts = core('serviceaccounts', 'ServiceAccount');
const namespaces = core('namespaces', 'Namespace', false);

interface Secret extends KubeObject {
  readonly type?: string;
  readonly stringData?: Record<string, string>;
  readonly data?: Record<string, string>;
}
interface Namespace extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { type: string; message?: string }[];
  };
}

let client: KubeClient;
const namespace = `kube-contract-${systemRng.uuid().slice(0, 8)}`;

const expectOk = <T>(result: Result<T, KubeFailure>): T => {
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.message}`);
  return result.value;
};
const expectKind = (result: Result<unknown, KubeFailure>): string =>
  result.ok ? 'ok' : `${result.error.kind} ${result.error.status}`;

const aSecret = (name: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type: 'grantor.dev/token',
  stringData: { token: 'one' },
});
const aServiceAccount = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});
const created = async (name: string): Promise<Stored<Secret>> =>
  expectOk(await client.create(secrets, aSecret(name)));

describe('the client against a real API server', () => {
  beforeAll(async () => {
    const config = await loadKubeconfig(inject('cluster').kubeconfig, systemClock);
    client = createKubeClient({
      config,
      clock: systemClock,
      userAgent: 'grantor/test',
      fieldManager: 'contract',
    });
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    expectOk(await client.create(namespaces, object));
  });
  afterAll(async () => {
    const { metadata } = expectOk(await client.get(namespaces, { name: namespace }));
    await client.delete(namespaces, { name: namespace }, { uid: metadata.uid });
    await client.close();
  });

  test('reads what it created, and names what is not there', async () => {
    const secret = await created('read');
    expect(expectOk(await client.get(secrets, secret.metadata))).toEqual(secret);
    expect(expectKind(await client.get(secrets, { namespace, name: 'absent' }))).toBe('notFound 404');
    expect(expectKind(await client.create(secrets, aSecret('read')))).toBe('alreadyExists 409');
  });

  test('refuses a field that the kind does not have, instead of dropping it', async () => {
    const result = await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'strict', namespace },
      dta: {},
    });
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'invalid', message: expect.stringContaining('dta') },
    });
  });

  test('replaces only the version that it was given', async () => {
    const first = await created('replace');
    const { stringData: _, ...rest } = first;
    const second = expectOk(await client.replace(secrets, { ...rest, data: { other: 'dHdv' } }));
    expect(second.data).toEqual({ other: 'dHdv' });
    expect(expectKind(await client.replace(secrets, rest))).toBe('conflict 409');
    const foreign = {
      ...second,
      metadata: { ...second.metadata, uid: '00000000-0000-4000-8000-000000000000' },
    };
    expect(expectKind(await client.replace(secrets, foreign))).toBe('conflict 409');
    const absent = { ...second, metadata: { ...second.metadata, name: 'replace-absent' } };
    expect((await client.replace(secrets, absent)).ok).toBe(false);
  });

  test('patches metadata only of the version that it was given, and removes with null', async () => {
    const { metadata } = await created('patch');
    const annotated = expectOk(
      await client.patchMetadata(secrets, { ...metadata, namespace }, { annotations: { a: '1', b: '2' } }),
    );
    expect(annotated.metadata.annotations).toEqual({ a: '1', b: '2' });
    const at = { namespace, name: 'patch' };
    expect(
      expectKind(await client.patchMetadata(secrets, { ...at, ...identity(metadata) }, { finalizers: [] })),
    ).toBe('conflict 409');
    const other = { ...identity(annotated.metadata), uid: '00000000-0000-4000-8000-000000000000' };
    expect(expectKind(await client.patchMetadata(secrets, { ...at, ...other }, { finalizers: [] }))).toMatch(
      / 4/,
    );
    const removed = await client.patchMetadata(
      secrets,
      { ...at, ...identity(annotated.metadata) },
      { annotations: { a: null }, finalizers: ['grantor.dev/test'] },
    );
    const now = expectOk(removed).metadata;
    expect(now).toMatchObject({ annotations: { b: '2' }, finalizers: ['grantor.dev/test'] });
    expectOk(await client.patchMetadata(secrets, { ...at, ...identity(now) }, { finalizers: [] }));
  });

  test('applies a status to the version that it was given', async () => {
    const { metadata } = expectOk(await client.get(namespaces, { name: namespace }));
    const condition = {
      type: 'grantor.dev/Test',
      status: 'True',
      reason: 'Test',
      message: 'applied',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const at = { name: namespace, resourceVersion: metadata.resourceVersion };
    const applied = expectOk(
      await client.applyStatus<Namespace>(namespaces, at, { conditions: [condition] }),
    );
    expect(applied.status?.conditions).toMatchObject([{ message: 'applied' }]);
    const stale = await client.applyStatus(namespaces, at, {
      conditions: [{ ...condition, message: 'again' }],
    });
    expect(expectKind(stale)).toBe('conflict 409');
  });

  test('applies what is its own', async () => {
    const object = {
      ...aServiceAccount('apply'),
      metadata: { name: 'apply', namespace, labels: { a: '1' } },
    };
    const first = expectOk(await client.apply(serviceAccounts, object));
    expect(first.metadata.labels).toEqual({ a: '1' });
    const uid = '00000000-0000-4000-8000-000000000000';
    const absent = { ...object, metadata: { ...object.metadata, name: 'apply-absent', uid } };
    expect(expectKind(await client.apply(serviceAccounts, absent))).toBe('conflict 409');
  });

  test('deletes the object that was meant, and no other', async () => {
    const { metadata } = await created('delete');
    const other = { uid: '00000000-0000-4000-8000-000000000000' };
    expect(expectKind(await client.delete(secrets, { namespace, name: 'delete' }, other))).toBe(
      'conflict 409',
    );
    expectOk(await client.delete(secrets, { namespace, name: 'delete' }, { uid: metadata.uid }));
    expect(
      expectKind(await client.delete(secrets, { namespace, name: 'delete' }, { uid: metadata.uid })),
    ).toBe('notFound 404');
  });

  test('gets a token of exactly the ServiceAccount that was meant', async () => {
    const { metadata } = expectOk(await client.create(serviceAccounts, aServiceAccount('token')));
    const at = { namespace, name: 'token' };
    const wish = { audiences: ['https://issuer.example'], expiration: seconds(600) };
    const { token, expiresAt } = expectOk(await client.requestToken(at, { ...wish, uid: metadata.uid }));
    const claims = JSON.parse(
      Buffer.from(token.reveal().split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({ aud: wish.audiences, sub: `system:serviceaccount:${namespace}:token` });
    expect(expiresAt - systemClock.now()).toBeGreaterThan(590_000);
    const uid = '00000000-0000-4000-8000-000000000000';
    expect(expectKind(await client.requestToken(at, { ...wish, uid }))).toBe('conflict 409');
    const short = { ...wish, uid: metadata.uid, expiration: seconds(60) };
    expect(expectKind(await client.requestToken(at, short))).toBe('invalid 422');
  });

  test('lists in pages, metadata only if that is enough, and watches from there', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await created(name);
    const selection = { namespace, fieldSelector: 'type=grantor.dev/token', metadataOnly: true };
    const none = await client.list(secrets, { ...selection, labelSelector: 'no=such' }).next();
    expect(none.value).toMatchObject({ ok: true, value: { items: [] } });
    const names: string[] = [];
    let pages = 0;
    let resourceVersion = '';
    for await (const page of client.list<Secret>(secrets, { ...selection, pageSize: 2 })) {
      const { items, resourceVersion: version } = expectOk(page);
      expect(items.every(({ data }) => data === undefined)).toBe(true);
      names.push(...items.map(({ metadata }) => metadata.name));
      resourceVersion = version;
      pages += 1;
    }
    expect(names).toEqual(expect.arrayContaining(['list-a', 'list-b', 'list-c']));
    expect(pages).toBe(Math.ceil(names.length / 2));

    const stop = new AbortController();
    const options = { ...selection, resourceVersion, lasting: seconds(30), signal: stop.signal };
    const stream = expectOk(await client.watch<Secret>(secrets, options));
    const { metadata } = await created('watched');
    await client.delete(secrets, { namespace, name: 'watched' }, { uid: metadata.uid });
    const seen: string[] = [];
    for await (const event of stream) {
      const value = expectOk(event);
      seen.push(value.type === 'BOOKMARK' ? value.type : `${value.type} ${value.object.metadata.name}`);
      if (value.type === 'DELETED') break;
    }
    expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
    stop.abort();
  });

  test('never joins a name into a path unencoded', async () => {
    const at = { namespace, name: '../../../../version' };
    expect(expectKind(await client.get(secrets, at))).toMatch(/^(notFound|invalid)/);
    expect(expectKind(await client.get(secrets, { namespace: '..', name: 'x' }))).toBe('invalid undefined');
  });
});

const identity = ({ uid, resourceVersion }: { uid: string; resourceVersion: string }) => ({
  uid,
  resourceVersion,
});
