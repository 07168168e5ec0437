import { join } from 'node:path';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { freePorts } from '../cluster/free-ports.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { grantorImage } from '../cluster/node/grantor-image.ts';
import { type Manifest, readManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { takenBy } from '../stage/taken-by.ts';

interface Container {
  readonly args: readonly string[];
  readonly env: readonly object[];
}
interface DaemonSetSpec {
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
}

export interface PlugInOptions {
  readonly controlPlane: ControlPlane;
  /** What kubelets make tokens for. */
  readonly audience: string;
  /** Where probes are answered, on the node's address. */
  readonly port: number;
}

/**
 * What is in deploy/node.yaml, with as little else as a node without a network needs: it shares the machine's, and is told where the API
 * server is. Roles are as they are there.
 */
const plugInManifests = (options: PlugInOptions): Manifest[] =>
  takenBy(options.controlPlane.release, readManifests(join(root, 'deploy/node.yaml'))).map((manifest) => {
    switch (manifest.kind) {
      case 'CSIDriver':
        return withSpec(manifest, {
          tokenRequests: [{ audience: options.audience, expirationSeconds: 600 }],
        });
      case 'DaemonSet':
        return withSpec(manifest, { template: onOurNode(manifest.spec as DaemonSetSpec, options) });
      default:
        return manifest;
    }
  });

const withSpec = (manifest: Manifest, changes: object): Manifest => ({
  ...manifest,
  spec: { ...manifest.spec, ...changes },
});

function onOurNode({ template }: DaemonSetSpec, { controlPlane, port }: PlugInOptions): object {
  const { hostname, port: apiPort } = new URL(controlPlane.server);
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: grantorImage,
    args: container.args.map((arg) =>
      arg.startsWith('--probes=') ? `--probes=$(NODE_ADDRESS):${port}` : arg,
    ),
    env: [
      ...container.env,
      { name: 'NODE_ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      { name: 'KUBERNETES_SERVICE_HOST', value: hostname },
      { name: 'KUBERNETES_SERVICE_PORT', value: apiPort },
    ],
    ports: [{ name: 'probes', containerPort: port }],
  }));
  return { ...template, spec: { ...template.spec, hostNetwork: true, containers } };
}

/** The plug-in as a DaemonSet runs it. */
export interface PlugIn {
  readonly probes: string;
  /** The name of its pod, as soon as that is ready and no other one is there. */
  pod(): Promise<string>;
  /** What it has printed since its container was started. */
  log(): Promise<string>;
  /** Takes it away, with all that is in deploy/node.yaml. */
  remove(): Promise<void>;
}

const inNamespace = ['--namespace=grantor-system'] as const;
const itsPods = '--selector=app.kubernetes.io/component=node';

/** Installs the plug-in, and returns once the kubelet knows it. */
export async function installPlugIn(
  kubectl: Kubectl,
  controlPlane: ControlPlane,
  audience: string,
): Promise<PlugIn> {
  const [port = 0] = await freePorts(1);
  const list = { apiVersion: 'v1', kind: 'List', items: plugInManifests({ controlPlane, audience, port }) };
  await kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], list);
  const pod = async (): Promise<string> => {
    await kubectl([...inNamespace, 'rollout', 'status', 'daemonset/grantor-node', '--timeout=50s']);
    const names = await kubectl([...inNamespace, 'get', 'pods', itsPods, '--output=name']);
    const [name = '', ...others] = names.trim().split('\n');
    if (others.length > 0) throw new Error(`there are several pods of the plug-in: ${names}`);
    return name;
  };
  const address = await kubectl([...inNamespace, 'get', await pod(), '--output=jsonpath={.status.hostIP}']);
  return {
    probes: `http://${address}:${port}`,
    pod,
    log: async () => kubectl([...inNamespace, 'logs', await pod()]),
    async remove() {
      // With its pod: the next one has its name, and would have it for a while beside this one.
      const wholly = ['--cascade=foreground', '--wait=true', '--timeout=50s'];
      await kubectl(['delete', '--filename=-', '--ignore-not-found', ...wholly], list);
    },
  };
}
