import { join } from 'node:path';
import type { Pki } from './pki.ts';

/** What the issuer of ServiceAccount tokens calls itself, as in most clusters; nothing listens there, so it is compared and never dereferenced. */
export const serviceAccountIssuer = 'https://kubernetes.default.svc';

/** Names and addresses that the API server's certificate is valid for; the last one is its Service's, as pods would see it. */
export const apiServerHosts = [
  '127.0.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  '10.96.0.1',
] as const;

export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

const loopback = (port: number): string => `http://127.0.0.1:${port}`;

/** The address where etcd answers its clients. */
export const etcdUrl = (ports: Ports): string => loopback(ports.etcd);

export function etcdArguments(directory: string, ports: Ports): string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${etcdUrl(ports)}`,
    `--advertise-client-urls=${etcdUrl(ports)}`,
    `--listen-peer-urls=${loopback(ports.etcdPeer)}`,
    `--initial-advertise-peer-urls=${loopback(ports.etcdPeer)}`,
    `--initial-cluster=default=${loopback(ports.etcdPeer)}`,
    // The data is thrown away; waiting for the disk would only blur what is measured.
    '--unsafe-no-fsync=true',
    '--log-level=warn',
  ];
}

export function apiServerArguments(directory: string, ports: Ports, pki: Pki, issuer: string): string[] {
  return [
    `--etcd-servers=${etcdUrl(ports)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // A loopback address can't be an endpoint: without this the server tries and complains for ever.
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${pki.certFile}`,
    `--tls-private-key-file=${pki.keyFile}`,
    `--client-ca-file=${pki.caFile}`,
    `--kubelet-certificate-authority=${pki.caFile}`,
    `--kubelet-client-certificate=${pki.kubeletClientCertFile}`,
    `--kubelet-client-key=${pki.kubeletClientKeyFile}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--service-account-issuer=${issuer}`,
    `--service-account-jwks-uri=https://127.0.0.1:${ports.apiServer}/openid/v1/jwks`,
    `--service-account-signing-key-file=${pki.serviceAccountKeyFile}`,
    `--service-account-key-file=${pki.serviceAccountPublicKeyFile}`,
    // Otherwise a token that a pod could ask for as one hour would live a year.
    '--service-account-extend-token-expiration=false',
    // No limit of the server's should be what a test measures.
    '--max-requests-inflight=3000',
    '--max-mutating-requests-inflight=1000',
    `--audit-policy-file=${join(import.meta.dirname, 'audit-policy.yaml')}`,
    `--audit-log-path=${join(directory, 'audit.log')}`,
    // No rotation: readers remember an offset.
    '--audit-log-maxsize=0',
  ];
}

export function controllerManagerArguments(directory: string, kubeconfig: string, pki: Pki): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--root-ca-file=${pki.caFile}`,
    `--service-account-private-key-file=${pki.serviceAccountKeyFile}`,
    '--use-service-account-credentials=true',
    // It makes this folder, which by default is outside of ours.
    `--flex-volume-plugin-dir=${join(directory, 'flexvolumes')}`,
    // Its own limit of 20 requests a second would be what a start waits for.
    '--kube-api-qps=300',
    '--kube-api-burst=600',
    '--leader-elect=false',
    '--secure-port=0',
  ];
}

export function schedulerArguments(kubeconfig: string): string[] {
  return [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
}
