import { randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serviceAccountKind } from '../../src/kube/core-kinds.ts';
import { FragmentIndex } from '../canary/fragment-index.ts';
import { look } from '../e2e/look.ts';
import { aTenant, aWorkload, forVolumes } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { unsignedPodToken } from '../kubelet/pod-token.ts';
import type { AskedVolume } from '../kubelet/test-kubelet.ts';
import { whyNoMounts } from '../mounts/own-namespace.ts';
import { nodeUser } from '../stage/stage.ts';
import { type StubIssuer, startStubIssuer } from '../stage/start-stub-issuer.ts';
import { startOTLPReceiver } from '../tracing/otlp-receiver.ts';
import { openPluggedNode, type PluggedNode } from './plug-in-process.ts';

const impossible = whyNoMounts();
if (impossible !== undefined) console.warn(impossible);

const namespace = 'volumes';
/** In a run of everything each step, while typing some. */
const stride = process.env['GRANTOR_TEST_RUN'] ? 3 : 8;
const run = process.env['GRANTOR_TEST_RUN'];

// What csi-sanity knows nothing of: a real process, with a kubelet that is played.
describe.runIf(onOwnControlPlane() && impossible === undefined)('a node plug-in', () => {
  const stage = useStage({ proxied: false });
  const see = look(stage);
  let stub: StubIssuer;
  let node: PluggedNode;
  let account: { readonly uid: string };
  let serial = 0;
  const asked: AskedVolume[] = [];

  beforeAll(async () => {
    stub = await startStubIssuer({ kube: stage.kube, dir: stage.dir, lifetime: 300 });
    const client = {
      issuerRef: { name: 'stub' },
      accessTokenLifetime: '5m',
      roles: [],
      clientID: 'volumes-api',
    };
    await stage.apply(aTenant(namespace, { issuers: ['stub'] }));
    await stage.apply(aWorkload(namespace, 'api', { client, binding: forVolumes }));
    await see.until('binding', `${namespace}/api`, 'True');
    const found = await stage.kube.get(serviceAccountKind, { namespace, name: 'api' });
    if (!found.ok) throw new Error(found.error.message);
    account = found.value.metadata;
    node = await openPluggedNode({
      kubeconfig: await stage.controlPlane.kubeconfigFor(nodeUser, [
        'system:serviceaccounts',
        'system:serviceaccounts:grantor-system',
      ]),
      logFile: join(stage.dir, 'node.log'),
      nodeArgs: run ? ['--import', join(import.meta.dirname, '../canary/record.ts')] : [],
    });
    await node.start();
  });
  afterEach(async () => {
    for (const volume of asked.splice(0)) await node.kubelet.unpublish(volume);
    expect(node.mounted()).toEqual([]);
    expect(node.kept()).toEqual([]);
  });
  afterAll(async () => {
    await node?.close();
    await stub?.program.end();
  });

  /** The volume of a pod of its own. */
  function aVolume(changes: Partial<AskedVolume> = {}): AskedVolume {
    serial += 1;
    // Made-up ones are alike, and what is made up of them elsewhere is a secret to the canary.
    const uid = randomUUID();
    const pod = { namespace, name: `web-${serial}`, uid, serviceAccountName: 'api' };
    const volume = {
      ...{ volumeID: `csi-${serial}`, targetPath: node.target(uid), pod, attributes: { binding: 'api' } },
      tokens: { [stub.url]: unsignedPodToken(pod, account, stub.url) },
      ...changes,
    };
    asked.push(volume);
    return volume;
  }
  const file = ({ targetPath }: AskedVolume, name = 'token'): string => node.seen(join(targetPath, name));
  const ok = expect.objectContaining({ code: 'OK' });

  test.each([false, true])(
    'gives a pod its token, wherever the kubelet brought its own (among the attributes: %s)',
    async (among) => {
      const volume = aVolume({ tokensAmongAttributes: among });
      expect(await node.kubelet.publish(volume)).toEqual(ok);
      const [header, payload] = (await readFile(file(volume), 'utf8')).split('.');
      expect(header).toBeTruthy();
      expect(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString())).toMatchObject({
        iss: stub.url,
        client_id: 'volumes-api',
        tenant_id: namespace,
      });
      expect(
        (await readdir(node.seen(volume.targetPath))).filter((name) => !name.startsWith('..')).sort(),
      ).toEqual(['expires_at', 'metadata.json', 'token', 'token_type']);
    },
  );

  test('asks nobody for anything when the kubelet comes again, and leaves the files as they are', async () => {
    const volume = aVolume();
    await node.kubelet.publish(volume);
    const [set, requests] = [await readlink(file(volume, '..data')), await node.requests()];
    for (let n = 0; n < 5; n++) {
      const tokens = { [stub.url]: unsignedPodToken(volume.pod!, account, stub.url) };
      expect(await node.kubelet.publish({ ...volume, tokens })).toEqual(ok);
    }
    expect(await readlink(file(volume, '..data'))).toBe(set);
    expect(await node.requests()).toBe(requests);
    expect(node.mounted()).toEqual([volume.targetPath]);
  });

  test.each([
    ['all of the pod', {}, 0o444, 0],
    ['the fsGroup of the pod', { fsGroup: '2000' }, 0o440, 2000],
    [
      'whom the author names',
      { fsGroup: '2000', attributes: { binding: 'api', group: '3000', fileMode: '0400' } },
      0o400,
      3000,
    ],
  ] satisfies readonly (readonly [string, Partial<AskedVolume>, number, number])[])(
    'lets %s read, and nobody write',
    async (_, changes, mode, group) => {
      const volume = aVolume(changes);
      expect(await node.kubelet.publish(volume)).toEqual(ok);
      for (const name of ['token', 'metadata.json']) {
        const { mode: bits, gid, uid } = statSync(file(volume, name));
        expect([bits & 0o7777, gid, uid]).toEqual([mode, group, 0]);
      }
      expect(() => writeFileSync(file(volume, 'mine'), '')).toThrow(/EROFS/);
      expect(() => writeFileSync(file(volume), '')).toThrow(/EROFS/);
    },
  );

  test('refuses what is no request of a kubelet for a pod, in a sentence, and mounts nothing', async () => {
    const refusals: Partial<AskedVolume>[] = [
      { attributes: {} },
      { attributes: { binding: 'api', audience: 'https://elsewhere.example' } },
      { attributes: { binding: 'api', fileMode: '0644' } },
      { request: { readonly: false } },
      { request: { volume_context: {} } },
      { targetPath: '/etc/mount' },
    ];
    for (const changes of refusals) {
      const volume = aVolume(changes);
      const { code, message } = await node.kubelet.publish(volume);
      expect([code, message.length > 10]).toEqual(['INVALID_ARGUMENT', true]);
      for (const { token } of Object.values(volume.tokens ?? {})) expect(message).not.toContain(token);
    }
    expect(node.mounted()).toEqual([]);
    asked.splice(0);
  });

  test('tells a volume of the same id for something else that it is taken', async () => {
    const volume = aVolume();
    await node.kubelet.publish(volume);
    expect(await node.kubelet.publish({ ...volume, attributes: { binding: 'another' } })).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(await node.kubelet.publish(volume)).toEqual(ok);
    expect(await readFile(file(volume), 'utf8')).not.toBe('');
  });

  test('ends without taking anything from pods, and the next one takes it up without a request', async () => {
    const volume = aVolume();
    await node.kubelet.publish(volume);
    const before = await readFile(file(volume), 'utf8');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await node.program.end(signal);
      expect(await readFile(file(volume), 'utf8')).toBe(before);
      await node.start();
      expect(await node.kubelet.publish(volume)).toEqual(ok);
      expect(await readFile(file(volume), 'utf8')).toBe(before);
      expect(await node.requests()).toBe(0);
      expect(node.mounted()).toEqual([volume.targetPath]);
    }
  });

  test('is fine with being told twice that a pod is gone', async () => {
    const volume = aVolume();
    await node.kubelet.publish(volume);
    for (let n = 0; n < 2; n++) expect(await node.kubelet.unpublish(volume)).toEqual(ok);
  });

  test('where a collector is named, a call of the kubelet is a trace with what was asked for it, and no token in it', async () => {
    const receiver = await startOTLPReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    await node.program.end();
    await node.start({ env });
    const volume = aVolume();
    expect(await node.kubelet.publish(volume)).toEqual(ok);
    const call = await receiver.until(({ name }) => name === 'NodePublishVolume');
    const part = (name: string) =>
      receiver.spans.find((span) => span.traceID === call.traceID && span.name === name);
    expect(call).toMatchObject({
      ...{ service: 'grantor-node', parentID: '', kind: 'server', failed: false },
      attributes: {
        ...{
          'k8s.namespace.name': namespace,
          'k8s.pod.name': volume.pod?.name,
          'k8s.pod.uid': volume.pod?.uid,
        },
        ...{ 'grantor.binding': 'api', 'rpc.response.status_code': 'OK' },
      },
    });
    expect(part('obtain token')).toMatchObject({
      parentID: call.spanID,
      attributes: {
        'grantor.issuer': 'stub',
        'grantor.correlation_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    expect(part('POST token request')).toMatchObject({
      parentID: part('obtain token')?.spanID,
      attributes: { 'http.response.status_code': 200 },
    });
    const secrets = [
      await readFile(file(volume), 'utf8'),
      ...Object.values(volume.tokens ?? {}).map(({ token }) => token),
    ];
    await node.program.end();
    expect(new FragmentIndex(secrets).search(receiver.bytes())).toEqual([]);
    writeFileSync(join(stage.dir, 'traces.log'), receiver.bytes());
    await receiver.close();
    await node.start();
  });

  test('killed before any step of a publish, it leaves nothing that a pod could see half of, and nothing in the end', async () => {
    let steps = 0;
    for (; ; steps += stride) {
      await node.program.end('SIGKILL');
      await node.start({ dieAt: steps });
      const volume = aVolume();
      const first = await node.kubelet.publish(volume);
      if (first.code === 'OK') break;
      expect(first.code).toBe('UNAVAILABLE');
      // What is shown is the whole of a set, or nothing.
      const names = (await readdir(node.seen(volume.targetPath)).catch(() => [])).filter(
        (name) => !name.startsWith('..'),
      );
      if (node.mounted().includes(volume.targetPath))
        expect(names.length, `${steps}`).toBeGreaterThanOrEqual(4);
      await node.start();
      expect(await node.kubelet.publish(volume), `killed before step ${steps}`).toEqual(ok);
      expect(await readFile(file(volume), 'utf8')).toMatch(/^ey/);
      expect(node.mounted()).toEqual([volume.targetPath]);
      expect(await node.kubelet.unpublish(volume)).toEqual(ok);
      expect([node.mounted(), node.kept()]).toEqual([[], []]);
    }
    expect(steps).toBeGreaterThan(15);
    await node.program.end('SIGKILL');
    await node.start();
  }, 240_000);
});
