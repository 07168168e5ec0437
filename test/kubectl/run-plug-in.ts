import { execFile } from 'node:child_process';
import { root } from '../stage/stage.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the plug-in at a path as a process of its own, with the rights of a kubeconfig's user. */
export const plugIn =
  (program: string, kubeconfig: string, variables: Readonly<Record<string, string>> = {}) =>
  (...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { ...process.env, KUBECONFIG: kubeconfig, ...variables };
      execFile(
        process.execPath,
        [program, ...args],
        { cwd: root, timeout: 60_000, env, maxBuffer: 64 * 1024 * 1024 },
        (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
      );
    });
