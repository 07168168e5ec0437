import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { messageType } from './protocol.ts';

/** A volume of a pod as the kubelet asks for it; what is left out is as it usually is. */
export interface AskedVolume {
  readonly volumeID: string;
  readonly targetPath: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly pod?: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly serviceAccountName: string;
  };
  readonly fsGroup?: string;
  /** By audience. */
  readonly tokens?: Readonly<
    Record<string, { readonly token: string; readonly expirationTimestamp: string }>
  >;
  /** Kubelets before 1.35 bring tokens among the attributes. */
  readonly tokensAmongAttributes?: boolean;
  /** Laid over the request. */
  readonly request?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** `OK`, or the name of a gRPC status. */
  readonly code: string;
  readonly message: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export const aPod = {
  namespace: 'shop',
  name: 'web-1',
  uid: '7c1f0a52-3b6e-4d19-9a47-5e2f81c6d0b3',
  serviceAccountName: 'web',
};

/** A NodePublishVolume request as the kubelet of Kubernetes 1.36 makes one. */
export function publishRequest({
  volumeID,
  targetPath,
  attributes = { binding: 'api' },
  pod = aPod,
  fsGroup = '',
  tokens,
  tokensAmongAttributes = false,
  request = {},
}: AskedVolume): Readonly<Record<string, unknown>> {
  const brought = tokens && { 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(tokens) };
  return {
    volume_id: volumeID,
    target_path: targetPath,
    volume_capability: {
      mount: { fs_type: '', mount_flags: [], volume_mount_group: fsGroup },
      access_mode: { mode: 1 },
    },
    readonly: true,
    secrets: tokensAmongAttributes ? {} : { ...brought },
    volume_context: {
      ...attributes,
      'csi.storage.k8s.io/pod.name': pod.name,
      'csi.storage.k8s.io/pod.namespace': pod.namespace,
      'csi.storage.k8s.io/pod.uid': pod.uid,
      'csi.storage.k8s.io/serviceAccount.name': pod.serviceAccountName,
      'csi.storage.k8s.io/ephemeral': 'true',
      ...(tokensAmongAttributes ? brought : {}),
    },
    ...request,
  };
}

/** What of a kubelet a plug-in gets to see. */
export class TestKubelet {
  readonly #clients = new Map<string, Client>();
  readonly #directory: string;
  readonly #driver: string;

  constructor(directory: string, driver = 'csi.grantor.dev') {
    this.#directory = directory;
    this.#driver = driver;
  }

  /** As the kubelet does when the registration socket appears: who are you, what is your node, you are registered. */
  async register(
    status: { readonly plugin_registered: boolean; readonly error: string } = {
      plugin_registered: true,
      error: '',
    },
  ) {
    const socket = `${this.#directory}/plugins_registry/${this.#driver}-reg.sock`;
    const info = await this.#call(
      socket,
      'pluginregistration.Registration/GetInfo',
      'pluginregistration.Empty',
      {},
      'pluginregistration.PluginInfo',
    );
    const node = await this.#call(
      String(info.value['endpoint']),
      'csi.v1.Node/NodeGetInfo',
      'csi.v1.Empty',
      {},
      'csi.v1.NodeGetInfoResponse',
    );
    await this.#call(
      socket,
      'pluginregistration.Registration/NotifyRegistrationStatus',
      'pluginregistration.RegistrationStatus',
      status,
      'pluginregistration.Empty',
    );
    return { info, node };
  }

  /** Calls that take nothing. */
  ask(
    call:
      | 'Identity/GetPluginInfo'
      | 'Identity/GetPluginCapabilities'
      | 'Identity/Probe'
      | 'Node/NodeGetCapabilities',
  ): Promise<Answer> {
    return this.#csi(call, 'Empty', {}, `${call.split('/')[1]}Response`);
  }

  publish(volume: AskedVolume, deadline?: number): Promise<Answer> {
    return this.#csi(
      'Node/NodePublishVolume',
      'NodePublishVolumeRequest',
      publishRequest(volume),
      'Empty',
      deadline,
    );
  }

  unpublish({ volumeID, targetPath }: Pick<AskedVolume, 'volumeID' | 'targetPath'>): Promise<Answer> {
    const request = { volume_id: volumeID, target_path: targetPath };
    return this.#csi('Node/NodeUnpublishVolume', 'NodeUnpublishVolumeRequest', request, 'Empty');
  }

  /** A call with bytes that are no message of its kind, or of a name that nobody knows. */
  send(path: string, bytes: Uint8Array): Promise<Answer> {
    return this.#raw(this.#endpoint, path, bytes, 'csi.v1.Empty');
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  get #endpoint(): string {
    return `${this.#directory}/plugins/${this.#driver}/csi.sock`;
  }

  #csi(call: string, request: string, values: object, response: string, deadline?: number): Promise<Answer> {
    return this.#call(
      this.#endpoint,
      `csi.v1.${call}`,
      `csi.v1.${request}`,
      values,
      `csi.v1.${response}`,
      deadline,
    );
  }

  #call(
    socket: string,
    path: string,
    request: string,
    values: object,
    response: string,
    deadline?: number,
  ): Promise<Answer> {
    const type = messageType(request);
    return this.#raw(socket, path, type.encode(type.fromObject(values)).finish(), response, deadline);
  }

  #raw(
    socket: string,
    path: string,
    bytes: Uint8Array,
    response: string,
    deadline = Date.now() + 120_000,
  ): Promise<Answer> {
    const client = this.#clients.get(socket) ?? new Client(`unix:${socket}`, credentials.createInsecure());
    this.#clients.set(socket, client);
    const type = messageType(response);
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        `/${path}`,
        () => Buffer.from(bytes),
        (answer) => type.toObject(type.decode(answer), { longs: Number }) as Answer['value'],
        {},
        { deadline },
        (error: ServiceError | null, value = {}) =>
          resolve(
            error === null
              ? { code: 'OK', message: '', value }
              : { code: status[error.code] ?? 'UNKNOWN', message: error.details, value: {} },
          ),
      );
    });
  }
}
