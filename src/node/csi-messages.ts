import type { Message } from './protobuf.ts';

/** A call of a gRPC service, with what goes in and what comes out. */
export interface Call<Request extends Message = Message, Response extends Message = Message> {
  readonly path: string;
  readonly request: Request;
  readonly response: Response;
}

const empty = {} as const satisfies Message;

const accessMode = { mode: [1, 'uint'] } as const satisfies Message;
const mountVolume = {
  fs_type: [1, 'string'],
  mount_flags: [2, 'strings'],
  volume_mount_group: [3, 'string'],
} as const satisfies Message;
const volumeCapability = {
  block: [1, 'message', empty],
  mount: [2, 'message', mountVolume],
  access_mode: [3, 'message', accessMode],
} as const satisfies Message;

/** As the kubelet sends it. What could be a secret, or be meant to look like what the kubelet says, is one. */
export const nodePublishVolumeRequest = {
  volume_id: [1, 'string'],
  publish_context: [2, 'secrets'],
  staging_target_path: [3, 'string'],
  target_path: [4, 'string'],
  volume_capability: [5, 'message', volumeCapability],
  readonly: [6, 'bool'],
  secrets: [7, 'secrets'],
  volume_context: [8, 'secrets'],
} as const satisfies Message;

/** Modes of access to which one node is enough, as the kubelet asks for inline volumes: SINGLE_NODE_WRITER, SINGLE_NODE_READER_ONLY. */
export const singleNodeModes: readonly number[] = [1, 2];

/** A capability of the Node service: files get the group that the request names. */
export const volumeMountGroup = 6;

/** The calls of CSI 1.x that we answer (https://github.com/container-storage-interface/spec, csi.proto). */
export const csiCalls = {
  GetPluginInfo: {
    path: '/csi.v1.Identity/GetPluginInfo',
    request: empty,
    response: { name: [1, 'string'], vendor_version: [2, 'string'] },
  },
  GetPluginCapabilities: {
    path: '/csi.v1.Identity/GetPluginCapabilities',
    request: empty,
    response: empty,
  },
  Probe: {
    path: '/csi.v1.Identity/Probe',
    request: empty,
    response: { ready: [1, 'message', { value: [1, 'bool'] }] },
  },
  NodeGetInfo: {
    path: '/csi.v1.Node/NodeGetInfo',
    request: empty,
    response: { node_id: [1, 'string'] },
  },
  NodeGetCapabilities: {
    path: '/csi.v1.Node/NodeGetCapabilities',
    request: empty,
    response: { capabilities: [1, 'messages', { rpc: [1, 'message', { type: [1, 'uint'] }] }] },
  },
  NodePublishVolume: {
    path: '/csi.v1.Node/NodePublishVolume',
    request: nodePublishVolumeRequest,
    response: empty,
  },
  NodeUnpublishVolume: {
    path: '/csi.v1.Node/NodeUnpublishVolume',
    request: { volume_id: [1, 'string'], target_path: [2, 'string'] },
    response: empty,
  },
} as const satisfies Readonly<Record<string, Call>>;

/** How the kubelet learns of a plug-in (k8s.io/kubelet, pluginregistration/v1). */
export const registrationCalls = {
  GetInfo: {
    path: '/pluginregistration.Registration/GetInfo',
    request: empty,
    response: {
      type: [1, 'string'],
      name: [2, 'string'],
      endpoint: [3, 'string'],
      supported_versions: [4, 'strings'],
    },
  },
  NotifyRegistrationStatus: {
    path: '/pluginregistration.Registration/NotifyRegistrationStatus',
    request: { plugin_registered: [1, 'bool'], error: [2, 'string'] },
    response: empty,
  },
} as const satisfies Readonly<Record<string, Call>>;
