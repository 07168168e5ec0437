import { join } from 'node:path';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { answerOf } from '../provision/answer-of.ts';
import { ensureGoTool } from '../provision/go-tool.ts';
import { helm } from '../tools/helm/helm.ts';

/** Runs Helm as a user that may do everything; answers with what it printed, and throws with what it complained of. */
export type Helm = (args: readonly string[], values?: object) => Promise<string>;

export async function helmOf({
  adminKubeconfig,
  dir,
}: Pick<ControlPlane, 'adminKubeconfig' | 'dir'>): Promise<Helm> {
  const program = await ensureGoTool(helm, () => {});
  // It would look for plug-ins and repositories of whoever runs this.
  const own = (name: string): string => join(dir, 'helm', name);
  const env = {
    KUBECONFIG: adminKubeconfig,
    HOME: own('home'),
    HELM_CACHE_HOME: own('cache'),
    HELM_CONFIG_HOME: own('config'),
    HELM_DATA_HOME: own('data'),
  };
  return (args, values) =>
    answerOf([program, ...args, ...(values === undefined ? [] : ['--values=-'])], { env, input: values });
}
