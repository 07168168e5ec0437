import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';

/** A cluster to test against: our own control plane, or one that somebody named. */
export interface TargetCluster {
  /** Of a user that may do everything. */
  readonly kubeconfig: string;
  /** Undefined for a cluster that isn't ours: figures that need the audit log can't be had there. */
  readonly controlPlane: ControlPlane | undefined;
  /** Ends what was started; leaves a cluster that isn't ours alone. */
  readonly release: () => Promise<void>;
}

export interface TargetOptions extends Omit<ControlPlaneOptions, 'lifetime'> {
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The cluster of `GRANTOR_TEST_KUBECONFIG` if set, else a new control plane in `dir`. An ambient `KUBECONFIG` is ignored, so that
 * nobody's real cluster is touched by accident.
 */
export async function acquireCluster(options: TargetOptions): Promise<TargetCluster> {
  const { report, env = process.env, ...ours } = options;
  const named = env['GRANTOR_TEST_KUBECONFIG'];
  if (!named) {
    const controlPlane = await startControlPlane({ report, ...ours });
    return { kubeconfig: controlPlane.adminKubeconfig, controlPlane, release: () => controlPlane.stop() };
  }
  const kubeconfig = resolve(named);
  if (!existsSync(kubeconfig)) {
    throw new Error(
      `GRANTOR_TEST_KUBECONFIG is ${kubeconfig}, which does not exist: correct the variable or unset it`,
    );
  }
  report(`using the cluster of GRANTOR_TEST_KUBECONFIG (${kubeconfig})`);
  return { kubeconfig, controlPlane: undefined, release: () => Promise.resolve() };
}
