import { join } from 'node:path';
import type { Api } from '../api.ts';
import { addProcesses } from '../cluster-state.ts';
import type { ControlPlane } from '../control-plane.ts';
import { kubeletClientUser, pkiIn } from '../pki.ts';
import { controllerManagerArguments, schedulerArguments } from '../server-arguments.ts';
import { type Lifetime, type ServerProcess, startServer } from '../server-process.ts';
import type { NodePrograms } from './programs.ts';

/** Starts what makes pods of Deployments and gives them to nodes. */
export async function startControllers(
  controlPlane: ControlPlane,
  programs: NodePrograms,
  lifetime: Lifetime,
): Promise<ServerProcess[]> {
  const { dir } = controlPlane;
  const start = (name: 'kube-controller-manager' | 'kube-scheduler', args: readonly string[]) =>
    startServer(name, [programs[name], ...args], join(dir, `${name}.log`), lifetime);
  const manager = await controlPlane.kubeconfigFor('system:kube-controller-manager');
  const servers = [
    start('kube-controller-manager', controllerManagerArguments(dir, manager, pkiIn(dir))),
    start('kube-scheduler', schedulerArguments(await controlPlane.kubeconfigFor('system:kube-scheduler'))),
  ];
  addProcesses(
    dir,
    servers.map(({ record }) => record),
  );
  return servers;
}

/** Gives the API server the rights that logs and commands in containers take: the kubelet asks it whether its own certificate has them. */
export async function letApiServerUseKubelets(api: Api): Promise<void> {
  const rbac = 'rbac.authorization.k8s.io';
  const { status } = await api.send('POST', `/apis/${rbac}/v1/clusterrolebindings`, {
    metadata: { name: kubeletClientUser },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: kubeletClientUser }],
  });
  if (status !== 201) throw new Error(`the API server's rights at kubelets could not be given: ${status}`);
}
