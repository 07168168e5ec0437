import { join } from 'node:path';
import { err, ok } from '../../src/std/result.ts';
import {
  type GoProgram,
  goBuild,
  goVersion,
  removeLeftovers,
  requiredVersion,
} from '../provision/go-build.ts';
import type { Source } from '../provision/provide.ts';
import { type BinaryName, binariesIn, missingBinaries } from './binary-set.ts';

const kubernetes = join(import.meta.dirname, 'binaries/kubernetes');
const etcd = join(import.meta.dirname, 'binaries/etcd');
const kubernetesVersion = requiredVersion(kubernetes, 'k8s.io/kubernetes');
const etcdVersion = requiredVersion(etcd, 'go.etcd.io/etcd/server/v3');

/** Without these the server says v0.0.0 and clients that negotiate by version misbehave. */
const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
const linkerFlags = Object.entries({ gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor })
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ');

const programs: Readonly<Record<BinaryName, GoProgram>> = {
  etcd: { module: etcd, package: '.', expect: 'about 1 minute' },
  'kube-apiserver': {
    module: kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    linkerFlags,
    expect: 'about 5 minutes',
  },
  kubectl: {
    module: kubernetes,
    package: 'k8s.io/kubernetes/cmd/kubectl',
    linkerFlags,
    expect: 'about 20 seconds',
  },
};

/** Builds from the Go modules pinned in `binaries/`, one after the other: they would only fight for the cores. */
export const controlPlaneBuild: Source = {
  folder: `kubernetes-${kubernetesVersion}-etcd-${etcdVersion}-${process.platform}-${process.arch}`,
  async provide(directory, report) {
    const go = await goVersion(kubernetes);
    if (go === undefined) return err('Go 1.26 or newer is not installed');
    removeLeftovers(directory);
    const missing = missingBinaries(directory);
    report(`building ${missing.join(', ')} with ${go}: 6 to 7 minutes on 2 cores, once`);
    for (const name of missing) {
      const failure = await goBuild(binariesIn(directory)[name], programs[name], report);
      if (failure !== undefined) return err(`go build of ${name} failed: ${failure}`);
    }
    return ok(undefined);
  },
};
