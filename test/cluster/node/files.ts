import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { CertificateFiles } from '../certificates.ts';
import { pauseImage } from './grantor-image.ts';

/** What tells one node of a machine from all others, of other clusters too. */
export interface NodeIdentity {
  readonly name: string;
  /** Of its own, on the loopback interface. */
  readonly address: string;
  /** Of its kubelet. */
  readonly port: number;
  /** A folder in each hierarchy of control groups. */
  readonly cgroup: string;
}

/** Writes what containerd and kubelet read below `directory`. */
export function writeNodeFiles(
  directory: string,
  { node, tls, runtime }: { node: NodeIdentity; tls: CertificateFiles; runtime: string },
): void {
  for (const name of ['cni', 'log']) mkdirSync(join(directory, name), { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write('cni/10-loopback.conflist', networkConfig);
  write('containerd.toml', containerdConfig(join(directory, 'cni'), runtime));
  write('kubelet.yaml', stringify(kubeletConfig(node, tls)));
}

const networkConfig = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'loopback',
  plugins: [{ type: 'nothing-but-loopback' }],
});

/** Nothing in it lies outside of what `init.sh` mounts. */
export const containerdConfig = (networks: string, runtime: string): string => `version = 3
[plugins.'io.containerd.internal.v1.opt']
  path = '/var/lib/containerd/opt'
[plugins.'io.containerd.nri.v1.nri']
  disable = true
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime']
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = '${runtime}'
      SystemdCgroup = false
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['${join(import.meta.dirname, 'cni')}']
    conf_dir = '${networks}'
    use_internal_loopback = true
`;

export const kubeletConfig = ({ address, port, cgroup }: NodeIdentity, tls: CertificateFiles): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address,
  port,
  healthzPort: 0,
  readOnlyPort: 0,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: tls.caFile },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: tls.certFile,
  tlsPrivateKeyFile: tls.keyFile,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  volumePluginDir: '/var/lib/kubelet/volumeplugins',
  // A pod is looked at again this often, and its volumes are published again: a minute by default.
  syncFrequency: '10s',
  failCgroupV1: false,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${cgroup}`,
  // Of the machine it changes nothing and wants nothing.
  oomScoreAdj: 0,
  failSwapOn: false,
  makeIPTablesUtilChains: false,
  resolvConf: '',
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: {
    'memory.available': '50Mi',
    'nodefs.available': '0%',
    'nodefs.inodesFree': '0%',
    'imagefs.available': '0%',
  },
});
