import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../std/clock.ts';
import { OperatorError } from '../std/operator-error.ts';
import { Secret } from '../std/secret.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { rememberAccess } from './remembered-access.ts';

/** Where the kubelet puts a pod's ServiceAccount. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The variables that the kubelet sets in each container. */
export interface PodEnvironment {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
}

/** The API server as a pod finds it. Token and CA are read again each 60 s and after a refusal. Throws `OperatorError`. */
export async function loadInCluster(
  environment: PodEnvironment,
  clock: Clock,
  folder: string = serviceAccountFolder,
): Promise<ClusterConfig> {
  const host = environment.KUBERNETES_SERVICE_HOST ?? '';
  const port = environment.KUBERNETES_SERVICE_PORT ?? '';
  if (host === '' || !/^[0-9]{1,5}$/.test(port)) {
    throw unusable('not inside a cluster (no KUBERNETES_SERVICE_HOST and _PORT); use --kubeconfig');
  }
  const file = async (name: string): Promise<string> => {
    try {
      return (await readFile(join(folder, name), 'utf8')).trim();
    } catch (cause) {
      throw unusable(`the pod's ServiceAccount has no readable file "${name}"; is its token mounted?`, cause);
    }
  };
  const access = rememberAccess(clock, async () => {
    const [token, ca] = await Promise.all([file('token'), file('ca.crt')]);
    return { ca, authorization: new Secret(`Bearer ${token}`) };
  });
  await access.access();
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: await file('namespace'),
    access,
  };
}

const unusable = (message: string, cause?: unknown): OperatorError =>
  new OperatorError('KUBE_NO_CLUSTER', message, cause);
