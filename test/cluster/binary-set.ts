import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The programs of a control plane, by file name. */
export const binaryNames = ['etcd', 'kube-apiserver', 'kubectl'] as const;
export type BinaryName = (typeof binaryNames)[number];

/** Absolute paths of the programs, all of them from one folder. */
export type BinarySet = Readonly<Record<BinaryName, string>>;

/** Where each program is, or would be, in `directory`. */
export function binariesIn(directory: string): BinarySet {
  return {
    etcd: join(directory, 'etcd'),
    'kube-apiserver': join(directory, 'kube-apiserver'),
    kubectl: join(directory, 'kubectl'),
  };
}

/** The programs that `directory` lacks, or that can't be executed there. */
export function missingBinaries(directory: string): BinaryName[] {
  const paths = binariesIn(directory);
  return binaryNames.filter((name) => !isExecutable(paths[name]));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
