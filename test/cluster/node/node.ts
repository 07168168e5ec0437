import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A node of ours: namespaces on this machine, in which containerd and a kubelet run. */
export interface ClusterNode {
  readonly name: string;
  /** Its logs, those of its pods too, below `log/pods`. */
  readonly dir: string;
  /** Runs a program in its namespaces and answers with what it printed. */
  run(command: readonly [string, ...string[]]): Promise<string>;
  /** Where a path of the node can be read from outside. */
  path(path: string): string;
}

export const nodeDirectory = (clusterDirectory: string, name: string): string =>
  join(clusterDirectory, 'nodes', name);

/** The node of that name, whichever process started it. */
export function openNode(clusterDirectory: string, name: string): ClusterNode {
  const dir = nodeDirectory(clusterDirectory, name);
  /** Of its first process, as seen from outside. */
  const pid = (): string => readFileSync(join(dir, 'pid'), 'utf8').trim();
  const run: ClusterNode['run'] = async (command) => {
    const namespaces = ['--target', pid(), '--mount', '--pid', '--uts', '--ipc', '--wd=/'];
    return (await promisify(execFile)('nsenter', [...namespaces, ...command])).stdout;
  };
  return {
    name,
    dir,
    run,
    path: (path) => join('/proc', pid(), 'root', path),
  };
}
