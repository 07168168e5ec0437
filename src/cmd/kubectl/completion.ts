import { Command } from 'commander';
import { type CompletionSource, complete, type Written } from './complete.ts';

/** What kubectl asks for what it completes of a plug-in, in every shell that it knows itself. */
const helper = `#!/bin/sh
# Save as kubectl_complete-grantor on the PATH, executable: kubectl calls it for the completion of "kubectl grantor".
exec kubectl-grantor __complete "$@"
`;

/** `kubectl grantor completion`. */
export const completionCommand = (): Command =>
  new Command('completion')
    .description(
      'Print the program by which kubectl completes commands, flags and names, in whatever shell: kubectl_complete-grantor, to be put on the PATH.',
    )
    .action(() => void process.stdout.write(helper));

/** What it calls: a candidate a line, then a directive. */
export async function printCandidates(program: Command, words: readonly string[]): Promise<void> {
  const { candidates, directive } = await complete(program, words, lazily);
  process.stdout.write([...candidates, `:${directive}`, ''].join('\n'));
  process.exit(0);
}

/** Loads what speaks to the cluster only where a name of it is wanted. */
const lazily = (written: Written): CompletionSource => {
  const source = async (): Promise<CompletionSource> => {
    const { clusterNames } = await import('./cluster-names.ts');
    return clusterNames(written);
  };
  return {
    namespaces: async () => (await source()).namespaces(),
    contexts: async () => (await source()).contexts(),
    objects: async (begun) => (await source()).objects(begun),
  };
};
