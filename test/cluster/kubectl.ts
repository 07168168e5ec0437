import { join } from 'node:path';
import { answerOf } from '../provision/answer-of.ts';
import type { ControlPlane } from './control-plane.ts';

/** Runs kubectl as a user that may do everything, with what `variables` add to its environment; answers with what it printed, and throws with what it complained of. */
export type Kubectl = (args: readonly string[], input?: object | string) => Promise<string>;

export const kubectlOf =
  (
    { kubectl, adminKubeconfig, dir }: Pick<ControlPlane, 'kubectl' | 'adminKubeconfig' | 'dir'>,
    variables: Readonly<Record<string, string>> = {},
  ): Kubectl =>
  (args, input) =>
    answerOf([kubectl, ...args], {
      env: { KUBECONFIG: adminKubeconfig, KUBECACHEDIR: join(dir, 'kubectl-cache'), ...variables },
      input,
    });
