import { join } from 'node:path';
import { startControlPlane } from '../cluster/control-plane.ts';
import type { TargetCluster } from '../cluster/target.ts';
import { type TestStage, useStage } from '../e2e/use-stage.ts';

/** The stage of one file of faults: with a control plane of its own to break, and a proxy in front of it. */
export const useFaultStage = (): TestStage => useStage({ apiProxied: true, cluster: ownControlPlane });

/** A control plane that ends with the file. */
export async function ownControlPlane(dir: string): Promise<TargetCluster> {
  const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report: () => {} });
  return { kubeconfig: controlPlane.adminKubeconfig, controlPlane, release: () => controlPlane.stop() };
}
