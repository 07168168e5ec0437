import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageType } from '../../test/kubelet/protocol.ts';
import { csiCalls, nodePublishVolumeRequest, registrationCalls } from './csi-messages.ts';
import { decodeMessage, ProtobufError, type Unread } from './protobuf.ts';
import { encodeMessage } from './protobuf-encode.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const map = fc.dictionary(text, text, { maxKeys: 5 });
const aRequest = fc.record({
  volume_id: text,
  publish_context: map,
  staging_target_path: text,
  target_path: text,
  volume_capability: fc.option(
    fc.record({
      mount: fc.option(
        fc.record({ fs_type: text, mount_flags: fc.array(text, { maxLength: 3 }), volume_mount_group: text }),
        { nil: undefined },
      ),
      access_mode: fc.option(fc.record({ mode: fc.nat() }), { nil: undefined }),
    }),
    { nil: undefined },
  ),
  readonly: fc.boolean(),
  secrets: map,
  volume_context: map,
});

const revealed = (secrets: ReadonlyMap<string, Unread>): object =>
  Object.fromEntries([...secrets].map(([key, value]) => [key, value.reveal().text]));

test('a request is read as another library wrote it', () => {
  const type = messageType('csi.v1.NodePublishVolumeRequest');
  fc.assert(
    fc.property(aRequest, (request) => {
      const read = decodeMessage(nodePublishVolumeRequest, type.encode(type.fromObject(request)).finish());
      const { publish_context, secrets, volume_context, volume_capability, ...rest } = read;
      expect({
        ...rest,
        publish_context: revealed(publish_context),
        secrets: revealed(secrets),
        volume_context: revealed(volume_context),
      }).toEqual({ ...request, volume_capability: undefined });
      expect(volume_capability?.block).toBeUndefined();
      expect(volume_capability?.mount).toEqual(request.volume_capability?.mount);
      expect(volume_capability?.access_mode).toEqual(request.volume_capability?.access_mode);
    }),
  );
});

test('an answer is read by another library as it was written', () => {
  const plugin = messageType('pluginregistration.PluginInfo');
  fc.assert(
    fc.property(
      fc.record({ type: text, name: text, endpoint: text, supported_versions: fc.array(text) }),
      (info) => {
        const bytes = encodeMessage(registrationCalls.GetInfo.response, info);
        expect(plugin.toObject(plugin.decode(bytes), { defaults: true, arrays: true })).toEqual(info);
      },
    ),
  );
  const capabilities = messageType('csi.v1.NodeGetCapabilitiesResponse');
  fc.assert(
    fc.property(fc.array(fc.nat()), (types) => {
      const values = { capabilities: types.map((type) => ({ rpc: { type } })) };
      const bytes = encodeMessage(csiCalls.NodeGetCapabilities.response, values);
      expect(
        capabilities.toObject(capabilities.decode(bytes), { arrays: true, defaults: true }),
      ).toMatchObject({
        capabilities: types.map((type) => ({ rpc: { type } })),
      });
    }),
  );
});

test('fields that are not known are passed over, whatever they hold', () => {
  const known = encodeMessage(csiCalls.NodeUnpublishVolume.request, { volume_id: 'a', target_path: 'b' });
  const unknown = [
    Buffer.from([0x48, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), // 9: a negative number
    Buffer.from([0x51, 1, 2, 3, 4, 5, 6, 7, 8]), // 10: fixed64
    Buffer.from([0x5a, 2, 1, 2]), // 11: bytes
    Buffer.from([0x65, 1, 2, 3, 4]), // 12: fixed32
  ];
  expect(
    decodeMessage(csiCalls.NodeUnpublishVolume.request, Buffer.concat([...unknown, known, ...unknown])),
  ).toEqual({ volume_id: 'a', target_path: 'b' });
});

test('bytes that are no message are refused without a word of what they are', () => {
  const secret = 'q7Zr-this-is-what-nobody-may-read';
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (noise, at) => {
      const bytes = Buffer.concat([noise.subarray(0, at), Buffer.from(secret), noise.subarray(at)]);
      try {
        decodeMessage(nodePublishVolumeRequest, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
        expect(String(error)).not.toContain('q7Zr');
      }
    }),
    { numRuns: 2000 },
  );
});

test('nothing of what a kubelet brings in a map can be printed', () => {
  const type = messageType('csi.v1.NodePublishVolumeRequest');
  const bytes = type
    .encode(
      type.fromObject({
        secrets: { a: 'q7Zr' },
        volume_context: { b: 'q7Zr' },
        publish_context: { c: 'q7Zr' },
      }),
    )
    .finish();
  const request = decodeMessage(nodePublishVolumeRequest, bytes);
  expect(request.secrets.get('a')?.reveal().text).toBe('q7Zr');
  expect(
    JSON.stringify([...request.secrets, ...request.volume_context, ...request.publish_context]),
  ).not.toContain('q7Zr');
});
