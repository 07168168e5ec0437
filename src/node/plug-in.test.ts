import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { aPod, TestKubelet } from '../../test/kubelet/test-kubelet.ts';
import { aborted, systemClock } from '../std/clock.ts';
import { err, ok } from '../std/result.ts';
import { createPlugIn, type PlugIn } from './plug-in.ts';
import type { PublishRequest, VolumeFailure, Volumes } from './volumes.ts';

let folder: string;
let plugIn: PlugIn;
let kubelet: TestKubelet;
let log: ReturnType<typeof recordingLog>;
/** What became known of volumes, and what they answer. */
let published: { request: PublishRequest; signal: AbortSignal }[];
let unpublished: string[];
let answer: (signal: AbortSignal) => ReturnType<Volumes['publish']>;

const start = async (): Promise<void> => {
  plugIn = createPlugIn({
    kubeletDirectory: folder,
    nodeName: 'node-1',
    version: '1.2.3',
    clock: systemClock,
    log: { ...log, child: () => log as never },
    volumes: {
      publish(request, signal) {
        published.push({ request, signal });
        return answer(signal);
      },
      overlook: (volumeID) => volumeID === 'csi-kept',
      async unpublish(volumeID) {
        unpublished.push(volumeID);
        return ok(undefined);
      },
    },
  });
  await plugIn.start();
  kubelet = new TestKubelet(folder);
};
const before = process.umask();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grantor-plug-in-'));
  mkdirSync(join(folder, 'plugins_registry'));
  [published, unpublished, log] = [[], [], recordingLog()];
  answer = () => Promise.resolve(ok(undefined));
  await start();
});
afterEach(async () => {
  kubelet.close();
  await plugIn.stop();
  rmSync(folder, { recursive: true });
  process.umask(before);
});
const volume = () => ({
  volumeID: 'csi-1',
  targetPath: join(folder, 'pods/7c1f/volumes/kubernetes.io~csi/token/mount'),
});
const token = {
  token: 'aGVhZGVy.Y2xhaW1z.bm9ib2R5LW1heS1yZWFk',
  expirationTimestamp: '2026-11-26T01:00:00Z',
};
const registrationSocket = () => join(folder, 'plugins_registry/csi.grantor.dev-reg.sock');
const socket = () => join(folder, 'plugins/csi.grantor.dev/csi.sock');

describe('to the kubelet the plug-in', () => {
  test('says what it is, and where', async () => {
    const { info, node } = await kubelet.register();
    expect(info.value).toEqual({
      type: 'CSIPlugin',
      name: 'csi.grantor.dev',
      endpoint: socket(),
      supported_versions: ['1.0.0'],
    });
    expect(node.value).toEqual({ node_id: 'node-1' });
    expect((await kubelet.ask('Identity/GetPluginInfo')).value).toEqual({
      name: 'csi.grantor.dev',
      vendor_version: '1.2.3',
    });
    expect((await kubelet.ask('Identity/GetPluginCapabilities')).value).toEqual({});
    expect((await kubelet.ask('Identity/Probe')).value).toEqual({ ready: { value: true } });
    expect((await kubelet.ask('Node/NodeGetCapabilities')).value).toEqual({
      capabilities: [{ rpc: { type: 6 } }],
    });
  });

  test('is ready when it was registered, and says why it was not', async () => {
    expect(plugIn.notReady()).toEqual(['the kubelet has not registered the plug-in yet']);
    await kubelet.register({ plugin_registered: false, error: 'no such version' });
    expect(plugIn.notReady()).toEqual(['the kubelet did not register the plug-in: no such version']);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', error: 'no such version' }));
    await kubelet.register();
    expect(plugIn.notReady()).toEqual([]);
  });

  test('has sockets that only root can open, and that no predecessor can hold', async () => {
    for (const path of [socket(), registrationSocket()]) expect(statSync(path).mode & 0o777).toBe(0o700);
    kubelet.close();
    await plugIn.stop();
    // One that was killed leaves both.
    writeFileSync(registrationSocket(), '');
    const predecessor = createServer().listen(socket());
    await start();
    expect((await kubelet.register()).node.code).toBe('OK');
    predecessor.close();
  });

  test('takes the place of one that is just ending, which does not take it away', async () => {
    const predecessor = plugIn;
    kubelet.close();
    await start();
    await predecessor.stop();
    expect(await plugIn.unhealthy()).toBeUndefined();
    expect((await kubelet.register()).node.code).toBe('OK');
    expect(readdirSync(join(folder, 'plugins_registry'))).toEqual(['csi.grantor.dev-reg.sock']);
    expect(readdirSync(join(folder, 'plugins/csi.grantor.dev'))).toEqual(['csi.sock']);
  });

  test('leaves the registry first when it stops', async () => {
    await plugIn.stop();
    expect(existsSync(registrationSocket())).toBe(false);
    expect((await kubelet.ask('Identity/Probe')).code).toBe('UNAVAILABLE');
  });
});

test('the plug-in is healthy while it answers on its own socket', async () => {
  expect(await plugIn.unhealthy()).toBeUndefined();
  await plugIn.stop();
  expect(await plugIn.unhealthy()).toMatch(/csi\.sock does not answer/);
});

test('where it cannot listen it says so', async () => {
  const elsewhere = createPlugIn({
    kubeletDirectory: join(folder, 'x'.repeat(100)),
    nodeName: 'node-1',
    version: '1.2.3',
    clock: systemClock,
    log: { ...log, child: () => log as never },
    volumes: {
      overlook: () => false,
      publish: () => answer(new AbortController().signal),
      unpublish: () => Promise.resolve(ok(undefined)),
    },
  });
  await expect(elsewhere.start()).rejects.toMatchObject({ code: 'NODE_SOCKET' });
});

test('a volume comes with its pod and its tokens, and goes', async () => {
  expect(await kubelet.publish({ ...volume(), tokens: { a: token }, fsGroup: '2000' })).toMatchObject({
    code: 'OK',
  });
  expect(published[0]?.request).toMatchObject({
    ...volume(),
    pod: aPod,
    binding: 'api',
    access: { group: 2000 },
  });
  expect(published[0]?.request.tokens.get('a')?.token.reveal()).toBe(token.token);
  expect(await kubelet.unpublish(volume())).toMatchObject({ code: 'OK' });
  expect(unpublished).toEqual(['csi-1']);
});

test.each([
  ['InvalidArgument', 'INVALID_ARGUMENT'],
  ['AlreadyExists', 'ALREADY_EXISTS'],
  ['FailedPrecondition', 'FAILED_PRECONDITION'],
  ['Aborted', 'ABORTED'],
  ['Unavailable', 'UNAVAILABLE'],
  ['DeadlineExceeded', 'DEADLINE_EXCEEDED'],
  ['Internal', 'INTERNAL'],
] satisfies readonly (readonly [VolumeFailure['code'], string])[])(
  '%s is told as %s, with its sentence',
  async (code, told) => {
    answer = () => Promise.resolve(err({ code, message: 'the issuer is away' }));
    expect(await kubelet.publish(volume())).toMatchObject({ code: told, message: 'the issuer is away' });
  },
);

test.each([
  ['that is very long', 'ü'.repeat(50_000)],
  ['that was cut within a character', `it asks for ${'😀'.slice(0, 1)}`],
])('a sentence %s is told as well as can be', async (_, message) => {
  answer = () => Promise.resolve(err({ code: 'FailedPrecondition', message }));
  const told = await kubelet.publish(volume(), Date.now() + 3000);
  expect(told.code).toBe('FAILED_PRECONDITION');
  expect(told.message.slice(0, 10)).toBe(message.slice(0, 10));
  expect(await kubelet.ask('Identity/Probe')).toMatchObject({ code: 'OK' });
});

test('what nobody expected is told without what it says, and logged', async () => {
  answer = () => Promise.reject(new Error('with a secret in it'));
  expect(await kubelet.publish(volume())).toMatchObject({
    code: 'INTERNAL',
    message: 'the plug-in failed; its log says how',
  });
  expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', call: 'NodePublishVolume' }));
});

test('what is no request gets to no volume', async () => {
  expect(await kubelet.publish({ ...volume(), volumeID: '' })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await kubelet.unpublish({ ...volume(), targetPath: '/etc' })).toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect(await kubelet.send('csi.v1.Node/NodePublishVolume', Buffer.from([0xff]))).toMatchObject({
    code: 'INTERNAL',
  });
  expect(await kubelet.send('csi.v1.Node/NodePublishVolume', Buffer.alloc(2 ** 21))).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
  });
  expect(await kubelet.send('csi.v1.Node/NodeStageVolume', Buffer.alloc(0))).toMatchObject({
    code: 'UNIMPLEMENTED',
  });
  expect([published, unpublished]).toEqual([[], []]);
});

test('a repeated call that cannot be read costs no pod its volume (regression 24)', async () => {
  const tooMany = Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`https://${n}.example`, token]));
  expect(await kubelet.publish({ ...volume(), tokens: tooMany })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  for (const odd of [{ tokens: tooMany }, { request: { volume_context: { binding: 'api' } } }])
    expect(await kubelet.publish({ ...volume(), ...odd, volumeID: 'csi-kept' })).toMatchObject({
      code: 'OK',
    });
  expect(published).toEqual([]);
});

test('a second call for a volume is told to come again, calls for others are not kept', async () => {
  let finish = (): void => {};
  answer = async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    return ok(undefined);
  };
  const first = kubelet.publish(volume());
  await until(() => published.length === 1);
  expect(await kubelet.publish(volume())).toMatchObject({ code: 'ABORTED' });
  expect(await kubelet.unpublish(volume())).toMatchObject({ code: 'ABORTED' });
  answer = () => Promise.resolve(ok(undefined));
  expect(await kubelet.publish({ ...volume(), volumeID: 'csi-2' })).toMatchObject({ code: 'OK' });
  finish();
  expect(await first).toMatchObject({ code: 'OK' });
  expect(await kubelet.unpublish(volume())).toMatchObject({ code: 'OK' });
});

const untilAborted = async (signal: AbortSignal) => {
  await aborted(signal);
  return err({ code: 'Unavailable', message: 'it was given up' } as const);
};

test('work ends when the kubelet does not wait any longer', async () => {
  answer = untilAborted;
  expect(await kubelet.publish(volume(), Date.now() + 300)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await until(() => published[0]?.signal.aborted === true);
});

test('work ends when the plug-in stops, and the kubelet is told to come again', async () => {
  answer = untilAborted;
  const call = kubelet.publish(volume());
  await until(() => published.length === 1);
  await plugIn.stop();
  expect(await call).toMatchObject({ code: 'UNAVAILABLE' });
});

test('the log has each call and nothing that came with it', async () => {
  await kubelet.publish({
    ...volume(),
    tokens: { a: token },
    attributes: { binding: 'api', secret: 'nobody-may-read' },
  });
  await kubelet.publish({ ...volume(), tokens: { a: token } });
  expect(log.lines).toMatchObject([
    { level: 'warn', call: 'NodePublishVolume', volume: 'csi-1', code: 'InvalidArgument' },
    { level: 'debug', call: 'NodePublishVolume', volume: 'csi-1' },
  ]);
  expect(JSON.stringify(log.lines)).not.toMatch(/nobody-may-read|bm9ib2R5/);
});

async function until(condition: () => boolean): Promise<void> {
  for (const giveUp = Date.now() + 5000; !condition(); ) {
    if (Date.now() > giveUp) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
