import { join } from 'node:path';
import { type GoProgram, requiredVersion } from '../../provision/go-build.ts';
import { goSource } from '../../provision/go-source.ts';
import type { Report } from '../../provision/progress.ts';
import { provide } from '../../provision/provide.ts';
import { missingPrograms, type Programs, programsIn } from '../binary-set.ts';
import { kubernetesProgram, newestKubernetes } from '../kubernetes-module.ts';
import { ensureOldestKubernetes } from '../oldest-kubernetes.ts';
import type { Release } from '../release.ts';

const node = join(import.meta.dirname, '../binaries/node');
const containerdVersion = requiredVersion(node, 'github.com/containerd/containerd/v2');
const runcVersion = requiredVersion(node, 'github.com/opencontainers/runc');

const containerdProgram = (name: string, expect: string): GoProgram => ({
  module: node,
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  linkerFlags: `-X github.com/containerd/containerd/v2/version.Version=${containerdVersion}`,
  expect,
});

const programs = {
  'kube-controller-manager': kubernetesProgram(newestKubernetes, 'kube-controller-manager', 'about 1 minute'),
  'kube-scheduler': kubernetesProgram(newestKubernetes, 'kube-scheduler', 'a few seconds'),
  kubelet: kubernetesProgram(newestKubernetes, 'kubelet', 'about 1 minute'),
  containerd: containerdProgram('containerd', 'about 1 minute'),
  'containerd-shim-runc-v2': containerdProgram('containerd-shim-runc-v2', 'a few seconds'),
  ctr: containerdProgram('ctr', 'about 20 seconds'),
  // Part of it is C. Static, as nothing in a node need be as on the machine it was built on.
  runc: {
    module: node,
    package: 'github.com/opencontainers/runc',
    tags: ['netgo', 'osusergo'],
    cgo: true,
    linkerFlags: '-extldflags -static',
    expect: 'about 15 seconds',
  },
  runtime: { module: node, package: './runtime', expect: 'a second' },
  pause: { module: node, package: './pause', expect: 'a second' },
} as const satisfies Record<string, GoProgram>;

type NodeProgram = keyof typeof programs;
const names = Object.keys(programs) as NodeProgram[];

/** The programs that a cluster has beyond its control plane, and the folders where they are found by name. */
export interface NodePrograms extends Programs<NodeProgram> {
  readonly folders: readonly string[];
}

/** What a real node takes, built from the Go modules pinned in `binaries/`. */
export async function ensureNodePrograms(
  report: Report,
  release: Release = 'newest',
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodePrograms> {
  const platform = `${process.platform}-${process.arch}`;
  const provision = {
    name: 'programs of a node',
    sources: [
      goSource({
        folder: `kubelet-${newestKubernetes.version}-containerd-${containerdVersion}-runc-${runcVersion}-${platform}`,
        programs,
        expect: '4 to 5 minutes',
      }),
    ],
    isWhole: (directory: string) => missingPrograms(directory, names).length === 0,
    remedy: 'install Go 1.26 or newer and a C compiler',
  };
  const folder = await provide(provision, report, env);
  const newest = { folders: [folder], ...programsIn(folder, names) };
  if (release === 'newest') return newest;
  const { folder: before, 'kube-apiserver': _, ...oldest } = await ensureOldestKubernetes(report, env);
  return { ...newest, ...oldest, folders: [before, folder] };
}
