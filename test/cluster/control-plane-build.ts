import { join } from 'node:path';
import { type GoProgram, requiredVersion } from '../provision/go-build.ts';
import { goSource } from '../provision/go-source.ts';
import type { BinaryName } from './binary-set.ts';
import { kubernetesProgram, newestKubernetes } from './kubernetes-module.ts';

const etcd = join(import.meta.dirname, 'binaries/etcd');
const etcdVersion = requiredVersion(etcd, 'go.etcd.io/etcd/server/v3');

const programs: Readonly<Record<BinaryName, GoProgram>> = {
  etcd: { module: etcd, package: '.', expect: 'about 1 minute' },
  'kube-apiserver': kubernetesProgram(newestKubernetes, 'kube-apiserver', 'about 5 minutes'),
  kubectl: kubernetesProgram(newestKubernetes, 'kubectl', 'about 20 seconds'),
};

/** Builds from the Go modules pinned in `binaries/`. */
export const controlPlaneBuild = goSource({
  folder: `kubernetes-${newestKubernetes.version}-etcd-${etcdVersion}-${process.platform}-${process.arch}`,
  programs,
  expect: '6 to 7 minutes',
});
