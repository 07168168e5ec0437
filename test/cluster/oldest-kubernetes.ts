import type { GoProgram } from '../provision/go-build.ts';
import { goSource } from '../provision/go-source.ts';
import type { Report } from '../provision/progress.ts';
import { provide } from '../provision/provide.ts';
import { missingPrograms, type Programs, programsIn } from './binary-set.ts';
import { kubernetesProgram, oldestKubernetes } from './kubernetes-module.ts';

const programs = {
  'kube-apiserver': kubernetesProgram(oldestKubernetes, 'kube-apiserver', 'about 5 minutes'),
  'kube-controller-manager': kubernetesProgram(oldestKubernetes, 'kube-controller-manager', 'about 1 minute'),
  'kube-scheduler': kubernetesProgram(oldestKubernetes, 'kube-scheduler', 'a few seconds'),
  kubelet: kubernetesProgram(oldestKubernetes, 'kubelet', 'about 20 seconds'),
} as const satisfies Record<string, GoProgram>;

type OldestProgram = keyof typeof programs;
const names = Object.keys(programs) as OldestProgram[];

/** What a cluster of the oldest supported release has instead of the newest; etcd, kubectl and containerd are those of all clusters. */
export async function ensureOldestKubernetes(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Programs<OldestProgram> & { readonly folder: string }> {
  const source = goSource({
    folder: `kubernetes-${oldestKubernetes.version}-${process.platform}-${process.arch}`,
    programs,
    expect: '6 to 7 minutes',
  });
  const provision = {
    name: 'programs of the oldest supported Kubernetes',
    sources: [source],
    isWhole: (directory: string) => missingPrograms(directory, names).length === 0,
    remedy: 'install Go 1.26 or newer',
  };
  const folder = await provide(provision, report, env);
  return { folder, ...programsIn(folder, names) };
}
