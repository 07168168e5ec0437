import { join } from 'node:path';
import { isExecutable } from '../provision/is-executable.ts';

/** The programs of a control plane, by file name. */
export const binaryNames = ['etcd', 'kube-apiserver', 'kubectl'] as const;
export type BinaryName = (typeof binaryNames)[number];

/** Absolute paths of programs, all of them from one folder. */
export type Programs<Name extends string> = Readonly<Record<Name, string>>;
export type BinarySet = Programs<BinaryName>;

/** Where each of these programs is, or would be, in `directory`. */
export function programsIn<Name extends string>(directory: string, names: readonly Name[]): Programs<Name> {
  return Object.fromEntries(names.map((name) => [name, join(directory, name)])) as Programs<Name>;
}

/** Those that `directory` lacks, or that can't be executed there. */
export function missingPrograms<Name extends string>(directory: string, names: readonly Name[]): Name[] {
  return names.filter((name) => !isExecutable(join(directory, name)));
}

export const binariesIn = (directory: string): BinarySet => programsIn(directory, binaryNames);
export const missingBinaries = (directory: string): BinaryName[] => missingPrograms(directory, binaryNames);
