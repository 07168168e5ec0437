import { inject } from 'vitest';
import { type ControlPlane, openControlPlane } from './control-plane.ts';

/** The path of the kubeconfig of the run's cluster, whosever it is. */
export function testKubeconfig(): string {
  return inject('cluster').kubeconfig;
}

/**
 * The run's own control plane; undefined under `GRANTOR_TEST_KUBECONFIG`, where tests of the audit log and of identities skip themselves.
 */
export function testControlPlane(): ControlPlane | undefined {
  const { controlPlaneDir } = inject('cluster');
  return controlPlaneDir === null ? undefined : openControlPlane(controlPlaneDir);
}
