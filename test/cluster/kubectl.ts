import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';

/** Runs kubectl as a user that may do everything, with what `variables` add to its environment; answers with what it printed, and throws with what it complained of. */
export type Kubectl = (args: readonly string[], input?: object | string) => Promise<string>;

export const kubectlOf =
  (
    { kubectl, adminKubeconfig, dir }: ControlPlane,
    variables: Readonly<Record<string, string>> = {},
  ): Kubectl =>
  (args, input) =>
    new Promise((resolve, reject) => {
      const env = { KUBECONFIG: adminKubeconfig, KUBECACHEDIR: join(dir, 'kubectl-cache'), ...variables };
      const child = spawn(kubectl, args, { env });
      const out: Buffer[] = [];
      const complaints: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve(Buffer.concat(out).toString());
        else reject(new Error(`kubectl ${args.join(' ')}: ${Buffer.concat(complaints).toString().trim()}`));
      });
      child.stdin.end(typeof input === 'object' ? JSON.stringify(input) : input);
    });
