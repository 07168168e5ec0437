import { err, ok } from '../std/result.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
import { type csiCalls, volumeMountGroup } from './csi-messages.ts';
import { parsePlace, parsePublishRequest } from './publish-request.ts';
import type { Handlers } from './rpc-server.ts';
import type { PublishRequest, Volumes } from './volumes.ts';

export interface NodeServiceOptions {
  readonly driverName: string;
  readonly version: string;
  readonly nodeName: string;
  readonly podsDirectory: string;
  readonly volumes: Volumes;
  readonly tracer?: Tracer | undefined;
}

/** The Identity and Node services of CSI. */
export function csiHandlers(options: NodeServiceOptions): Handlers<typeof csiCalls> {
  const { driverName, version, nodeName, podsDirectory, volumes, tracer = noTracer } = options;
  /** Volumes that a call is about. CSI lets the second one be told to come again. */
  const busy = new Set<string>();
  async function alone<T>(volumeID: string, work: () => Promise<T>) {
    if (busy.has(volumeID))
      return err({ code: 'Aborted', message: 'another call for this volume is running' } as const);
    busy.add(volumeID);
    try {
      return await work();
    } finally {
      busy.delete(volumeID);
    }
  }
  /** What a pod waits for. */
  const traced = (
    { pod, binding }: PublishRequest,
    work: () => ReturnType<Volumes['publish']>,
  ): ReturnType<Volumes['publish']> => {
    const attributes = {
      'rpc.system.name': 'grpc',
      'rpc.method': 'csi.v1.Node/NodePublishVolume',
      'k8s.namespace.name': pod.namespace,
      'k8s.pod.name': pod.name,
      'k8s.pod.uid': pod.uid,
      'grantor.binding': binding,
    };
    return tracer.span('publish', { attributes }, async (span) => {
      const published = await work();
      span.set({ 'rpc.response.status_code': published.ok ? 'OK' : published.error.code });
      if (!published.ok) span.fail(published.error.code);
      return published;
    });
  };
  const invalid = (message: string) => err({ code: 'InvalidArgument', message } as const);
  const done = ok({});

  return {
    GetPluginInfo: () => Promise.resolve(ok({ name: driverName, vendor_version: version })),
    GetPluginCapabilities: () => Promise.resolve(done),
    Probe: () => Promise.resolve(ok({ ready: { value: true } })),
    NodeGetInfo: () => Promise.resolve(ok({ node_id: nodeName })),
    // The kubelet tells the fsGroup of a pod to nobody else.
    NodeGetCapabilities: () => Promise.resolve(ok({ capabilities: [{ rpc: { type: volumeMountGroup } }] })),

    async NodePublishVolume(request, signal) {
      const parsed = parsePublishRequest(request, podsDirectory);
      if (!parsed.ok) return volumes.overlook(request.volume_id, parsed.error) ? done : invalid(parsed.error);
      return alone(request.volume_id, async () => {
        const published = await traced(parsed.value, () => volumes.publish(parsed.value, signal));
        return published.ok ? done : published;
      });
    },

    async NodeUnpublishVolume({ volume_id: volumeID, target_path: targetPath }) {
      const parsed = parsePlace(volumeID, targetPath, podsDirectory);
      if (!parsed.ok) return invalid(parsed.error);
      return alone(volumeID, async () => {
        const unpublished = await volumes.unpublish(volumeID, targetPath);
        return unpublished.ok ? done : unpublished;
      });
    },
  };
}
