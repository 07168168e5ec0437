import { join } from 'node:path';
import { type GoProgram, requiredVersion } from '../provision/go-build.ts';
import { goSource } from '../provision/go-source.ts';
import type { BinaryName } from './binary-set.ts';

export const kubernetes = join(import.meta.dirname, 'binaries/kubernetes');
const etcd = join(import.meta.dirname, 'binaries/etcd');
export const kubernetesVersion = requiredVersion(kubernetes, 'k8s.io/kubernetes');
const etcdVersion = requiredVersion(etcd, 'go.etcd.io/etcd/server/v3');

/** Without these the server says v0.0.0 and clients that negotiate by version misbehave. */
const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
export const kubernetesLinkerFlags = Object.entries({
  gitVersion: kubernetesVersion,
  gitMajor: major,
  gitMinor: minor,
})
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ');

const programs: Readonly<Record<BinaryName, GoProgram>> = {
  etcd: { module: etcd, package: '.', expect: 'about 1 minute' },
  'kube-apiserver': {
    module: kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    linkerFlags: kubernetesLinkerFlags,
    expect: 'about 5 minutes',
  },
  kubectl: {
    module: kubernetes,
    package: 'k8s.io/kubernetes/cmd/kubectl',
    linkerFlags: kubernetesLinkerFlags,
    expect: 'about 20 seconds',
  },
};

/** Builds from the Go modules pinned in `binaries/`. */
export const controlPlaneBuild = goSource({
  folder: `kubernetes-${kubernetesVersion}-etcd-${etcdVersion}-${process.platform}-${process.arch}`,
  programs,
  expect: '6 to 7 minutes',
});
