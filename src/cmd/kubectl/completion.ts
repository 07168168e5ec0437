import { Argument, Command } from 'commander';
import { type CompletionSource, complete, type Written } from './complete.ts';
import { completionScripts, type Shell } from './completion-scripts.ts';

/** `kubectl grantor completion SHELL`. */
export const completionCommand = (): Command =>
  new Command('completion')
    .description(
      'Print what completes commands, flags and names: a script for bash, zsh or fish, or for kubectl the program kubectl_complete-grantor, to be put on the PATH.',
    )
    .addArgument(new Argument('<shell>', 'for which').choices(Object.keys(completionScripts)))
    .action((shell: Shell) => void process.stdout.write(completionScripts[shell]));

/** What the scripts call, in the way in which kubectl calls the helpers of its plug-ins: a candidate a line, then a directive. */
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
