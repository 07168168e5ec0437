import type { Metafile } from 'esbuild';

/** Of each subcommand, the module that it loads once its flags are read: a bundle of its own. */
export const subcommands = {
  controller: 'src/cmd/run-controller.ts',
  node: 'src/cmd/run-node.ts',
  issuer: 'src/embedded-issuer/start-embedded-issuer.ts',
} as const satisfies Record<string, string>;

/** What of a bundle is in a process. */
export interface Loaded {
  /** Names of files of the bundle. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** npm packages of which something is in those files. */
  readonly packages: readonly string[];
}

/** What is loaded with these modules: their files, and all that those import without being asked. */
export function loadedBy({ outputs }: Metafile, modules: readonly string[]): Loaded {
  const files = new Set<string>();
  const add = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && !external) add(path);
    }
  };
  for (const module of modules) add(fileOf(outputs, module));
  const loaded = [...files].flatMap((file) => outputs[file] ?? []);
  const packages = loaded.flatMap(({ inputs }) =>
    Object.keys(inputs).flatMap((path) => packageOf(path) ?? []),
  );
  return {
    files: [...files].sort(),
    bytes: loaded.reduce((sum, { bytes }) => sum + bytes, 0),
    packages: [...new Set(packages)].sort(),
  };
}

function fileOf(outputs: Metafile['outputs'], module: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === module);
  if (found === undefined) throw new Error(`${module} has no file of its own in the bundle`);
  return found[0];
}

/** The innermost, where a package has others of its own. */
function packageOf(path: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}
