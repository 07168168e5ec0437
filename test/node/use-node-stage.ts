import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { remember } from '../canary/remember.ts';
import { rememberTokens } from '../canary/remember-tokens.ts';
import { type Kubectl, kubectlOf } from '../cluster/kubectl.ts';
import type { ClusterNode } from '../cluster/node/node.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { look } from '../e2e/look.ts';
import { aClient, anIssuer, aServiceAccount, aTenant } from '../e2e/objects.ts';
import { type TestStage, useStage } from '../e2e/use-stage.ts';
import { claimsOf } from '../gen/claims-of.ts';
import { lookAtPods, type PodsLook, type SeenPod } from './look-at-pods.ts';
import { installPlugIn, type PlugIn } from './plug-in.ts';
import { aVolumeBinding } from './pods.ts';

interface Claims {
  readonly jti: string;
  readonly exp: number;
}

/** A line of the issuer's audit. */
interface Issued {
  readonly event: string;
  readonly pod_uid?: string;
  readonly jti?: string;
  readonly request_id?: string;
}

type Part = Readonly<Record<string, unknown>>;
export interface TenantOptions {
  readonly client?: Part;
  readonly binding?: Part;
}

/** A stage with a node, on which the plug-in runs with the rights of deploy/node.yaml. */
export interface NodeStage extends PodsLook {
  readonly stage: TestStage;
  readonly node: ClusterNode;
  readonly plugIn: PlugIn;
  readonly kubectl: Kubectl;
  apply(...manifests: readonly object[]): Promise<void>;
  /** A tenant of one namespace with its name, in which ServiceAccount `api` is granted a token for volumes by a binding of that name. */
  tenant(name: string, options?: TenantOptions): Promise<void>;
  /** Keeps what the plug-in has printed for the canary, before its pod is taken away. */
  captureLogs(): Promise<void>;
  /** A file in the volume of a pod, as its container sees it; undefined where it is not. */
  file(pod: SeenPod, name?: string): string | undefined;
  /** Of the token that lies in the volume of a pod. */
  claims(pod: SeenPod): Claims | undefined;
  /** What the issuer's audit says of the tokens that it issued. */
  issued(): Issued[];
  /** What there is on the node of the volumes of pods: mounts, and what the plug-in has kept. */
  traces(podUIDs: readonly string[]): Promise<string[]>;
}

const volumes = '/var/lib/kubelet/plugins/csi.grantor.dev/volumes';

/** Sets the stage for one test file, and takes all its pods and the plug-in away afterwards. */
export function useNodeStage(): NodeStage {
  const stage = useStage({ leave });
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the stage is not set yet');
    return value;
  };
  const node = () => there(testNode());
  const kubectl: Kubectl = (...args) => kubectlOf(stage.controlPlane)(...args);
  const namespaces = new Set<string>();
  const see = look(stage);
  let plugIn: PlugIn | undefined;

  beforeAll(async () => {
    plugIn = await installPlugIn(kubectl, stage.controlPlane, stage.issuerURL);
  });
  async function leave(): Promise<void> {
    rememberTokens(stage.proxy);
    await captureLogs();
    if (namespaces.size > 0) {
      // Some wait for what never comes, and the kubelet with them.
      for (const name of namespaces)
        await kubectl([
          `--namespace=${name}`,
          'delete',
          'deployments,pods',
          '--all',
          '--force',
          '--grace-period=0',
        ]);
      await kubectl(['delete', 'namespaces', ...namespaces, '--timeout=50s']);
    }
    await plugIn?.remove();
  }
  /** For the canary: the kubelet takes logs away with their pods. */
  const captureLogs = async (): Promise<void> => {
    if (process.env['GRANTOR_TEST_RUN'] === undefined || plugIn === undefined) return;
    const logs = join(node().dir, 'log/pods');
    const texts = readdirSync(logs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.startsWith('grantor-system_grantor-node') && name.endsWith('.log'))
      .map((name) => readFileSync(join(logs, name), 'utf8'));
    const metrics = await fetch(`${plugIn.probes}/metrics`).then((answer) => answer.text(), String);
    appendFileSync(join(stage.dir, 'plug-in.log'), [...texts, metrics].join('\n'));
  };

  const volumeOf = ({ metadata }: SeenPod, name: string): string =>
    node().path(`/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~csi/token/mount/${name}`);
  const file: NodeStage['file'] = (pod, name = 'token') => {
    const path = volumeOf(pod, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };

  return {
    ...lookAtPods(kubectl),
    stage,
    kubectl,
    get node() {
      return node();
    },
    get plugIn() {
      return there(plugIn);
    },
    async apply(...manifests) {
      const list = { apiVersion: 'v1', kind: 'List', items: manifests };
      await kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], list);
    },
    async tenant(name, { client, binding } = {}) {
      namespaces.add(name);
      await stage.apply([
        anIssuer({ url: stage.issuerURL }),
        ...aTenant(name),
        aServiceAccount(name),
        aClient(name, 'api', client),
        aVolumeBinding(name, 'api', binding),
      ]);
      await see.until('binding', `${name}/api`, 'True');
    },
    captureLogs,
    file,
    claims(pod) {
      const token = file(pod);
      if (token === undefined) return undefined;
      remember(token);
      return claimsOf(token) as unknown as Claims;
    },
    issued: () =>
      stage.issuer
        .log()
        .split('\n')
        .filter((line) => line.includes('"token.issued"'))
        .map((line) => JSON.parse(line) as Issued),
    async traces(podUIDs) {
      const mounts = (await node().run(['cat', '/proc/1/mountinfo'])).split('\n');
      const kept = readdirSync(node().path(volumes), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('volume.json'))
        .map((name) => readFileSync(node().path(join(volumes, name)), 'utf8'));
      return [...mounts.filter((line) => line.includes('kubernetes.io~csi')), ...kept].filter((text) =>
        podUIDs.some((uid) => text.includes(uid)),
      );
    },
  };
}
