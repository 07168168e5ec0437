import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Type } from 'protobufjs';
import { messageType } from './protocol.ts';
import { publishRequest } from './test-kubelet.ts';

const services = {
  Identity: ['GetPluginInfo', 'GetPluginCapabilities', 'Probe'],
  Node: ['NodeGetInfo', 'NodeGetCapabilities', 'NodePublishVolume', 'NodeUnpublishVolume'],
  Controller: ['ControllerGetCapabilities', 'CreateVolume', 'DeleteVolume'],
};
type Bytes = Uint8Array;
type Answer = (request: Bytes) => Bytes;

const encode = (type: Type, values: object): Bytes => type.encode(type.fromObject(values)).finish();
const csi = (name: string): Type => messageType(`csi.v1.${name}`);

/** A controller service that makes nothing: volumes of a node plug-in for inline volumes come into being when they are published. */
const controller: Readonly<Record<string, Answer>> = {
  GetPluginCapabilities: () =>
    encode(csi('GetPluginCapabilitiesResponse'), { capabilities: [{ service: { type: 1 } }] }),
  ControllerGetCapabilities: () =>
    encode(csi('ControllerGetCapabilitiesResponse'), { capabilities: [{ rpc: { type: 1 } }] }),
  CreateVolume(request) {
    const { name } = csi('CreateVolumeRequest').decode(request) as unknown as { name: string };
    const { volume_context } = publishRequest({ volumeID: name, targetPath: '' });
    return encode(csi('CreateVolumeResponse'), { volume: { volume_id: name, volume_context } });
  },
  DeleteVolume: () => Buffer.alloc(0),
};

/** What csi-sanity cannot be told to say: it asks for volumes that can be written, which are refused to it as to anybody. */
const changed: Readonly<Record<string, Answer>> = {
  NodePublishVolume(request) {
    const type = csi('NodePublishVolumeRequest');
    return encode(type, { ...type.toObject(type.decode(request)), readonly: true });
  },
};

/** Puts a controller service in front of a node plug-in; everything else goes through. */
export async function startControllerFront(socket: string, plugInSocket: string): Promise<{ close(): void }> {
  const plugIn = new Client(`unix:${plugInSocket}`, credentials.createInsecure());
  const server = new Server();
  const same = (bytes: Bytes): Buffer => Buffer.from(bytes);
  for (const [service, names] of Object.entries(services)) {
    const definition: ServiceDefinition = Object.fromEntries(
      names.map((name) => [
        name,
        {
          path: `/csi.v1.${service}/${name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: same,
          requestDeserialize: same,
          responseSerialize: same,
          responseDeserialize: same,
        },
      ]),
    );
    server.addService(
      definition,
      Object.fromEntries(
        names.map((name) => [
          name,
          ({ request }: { request: Bytes }, respond: (error: ServiceError | null, value?: Bytes) => void) => {
            const own = controller[name];
            if (own) return respond(null, own(request));
            const path = `/csi.v1.${service}/${name}`;
            plugIn.makeUnaryRequest(path, same, same, changed[name]?.(request) ?? request, respond);
          },
        ]),
      ),
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return {
    close() {
      server.forceShutdown();
      plugIn.close();
    },
  };
}
