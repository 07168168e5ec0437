import { join } from 'node:path';
import { type GoProgram, requiredVersion } from '../provision/go-build.ts';

/** A release of Kubernetes, as a Go module in `binaries/` pins it. */
export interface KubernetesModule {
  readonly folder: string;
  /** `v1.36.3`. */
  readonly version: string;
  readonly minor: number;
}

export const newestKubernetes = kubernetesModule('kubernetes');
export const oldestKubernetes = kubernetesModule('oldest-kubernetes');

function kubernetesModule(name: string): KubernetesModule {
  const folder = join(import.meta.dirname, 'binaries', name);
  const version = requiredVersion(folder, 'k8s.io/kubernetes');
  return { folder, version, minor: Number(version.split('.')[1]) };
}

/** One of its programs, such as `kubelet`. */
export const kubernetesProgram = (
  { folder, version, minor }: KubernetesModule,
  name: string,
  expect: string,
): GoProgram => ({
  module: folder,
  package: `k8s.io/kubernetes/cmd/${name}`,
  // Without these it says that it is v0.0.0, and clients that negotiate by version misbehave.
  linkerFlags: Object.entries({ gitVersion: version, gitMajor: 1, gitMinor: minor })
    .map(([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`)
    .join(' '),
  expect,
});
