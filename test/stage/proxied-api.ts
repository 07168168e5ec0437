import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterConfig } from '../../src/kube/cluster-config.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { writeAccountKubeconfig } from './account-kubeconfig.ts';
import { type ApiProxy, startApiProxy } from './api-proxy/start-api-proxy.ts';

/** The API server behind a proxy, and a kubeconfig that leads there: a CA in a file, and a token of the controller's ServiceAccount. */
export interface ProxiedApi extends ApiProxy {
  readonly kubeconfig: string;
  /** The CA that the proxy's certificate is of. */
  readonly caFile: string;
  /** Puts a new token into the kubeconfig. */
  renewToken(): Promise<void>;
  /** Shows a certificate of a new CA, and puts that CA into the kubeconfig's file. */
  renewCertificate(): Promise<void>;
}

/** The rights of the controller must be in place. */
export async function startProxiedApi(
  { server, access }: ClusterConfig,
  kube: KubeClient,
  dir: string,
): Promise<ProxiedApi> {
  const certificate = await issueLoopbackCertificate(join(dir, 'api-proxy'));
  const { ca = '' } = await access.access();
  const proxy = await startApiProxy({ target: server, targetCa: ca, certificate });
  const kubeconfig = join(dir, 'proxied-kubeconfig.yaml');
  const caFile = join(dir, 'proxied-ca.crt');
  copyFileSync(certificate.caFile, caFile);

  const renewToken = async (): Promise<void> =>
    void (await writeAccountKubeconfig(kube, 'grantor-controller', kubeconfig, {
      server: proxy.url,
      caFile,
    }));
  await renewToken();
  return {
    ...proxy,
    kubeconfig,
    caFile,
    renewToken,
    async renewCertificate() {
      const next = await issueLoopbackCertificate(join(dir, `api-proxy-${Date.now()}`));
      proxy.present(next);
      copyFileSync(next.caFile, caFile);
    },
  };
}
