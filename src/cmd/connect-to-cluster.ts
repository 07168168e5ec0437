import { fieldManager } from '../delivery/other-hands.ts';
import { createKubeClient } from '../kube/create-kube-client.ts';
import { loadInCluster } from '../kube/in-cluster.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { loadKubeconfig } from '../kube/kubeconfig.ts';
import { systemClock } from '../std/clock.ts';
import type { Tracer } from '../std/tracer.ts';
import { proxySettings } from './proxy-settings.ts';
import { version } from './version.ts';

export interface ConnectedCluster {
  readonly kube: KubeClient;
  /** The origin of the API server, for logs. */
  readonly server: string;
  /** Grantor's own. */
  readonly namespace: string;
}

/** The cluster that a program works in: the one that its pod is in, or the one of a kubeconfig. Nothing is sent yet. */
export async function connectToCluster(
  flags: { readonly kubeconfig?: string; readonly namespace?: string },
  tracer: Tracer,
): Promise<ConnectedCluster> {
  const inPod = flags.kubeconfig === undefined;
  const config = inPod
    ? await loadInCluster(process.env, systemClock)
    : await loadKubeconfig(flags.kubeconfig, systemClock);
  const kube = createKubeClient({
    config,
    clock: systemClock,
    userAgent: `grantor/${version}`,
    fieldManager,
    proxy: proxySettings(process.env),
    tracer,
  });
  const namespace = flags.namespace ?? (inPod ? config.namespace : 'grantor-system');
  return { kube, server: config.server.origin, namespace };
}
