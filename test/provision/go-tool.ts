import { join } from 'node:path';
import { type GoProgram, requiredVersion } from './go-build.ts';
import { goSource } from './go-source.ts';
import { isExecutable } from './is-executable.ts';
import type { Report } from './progress.ts';
import { provide } from './provide.ts';

/** A program that tests run, of one Go module. */
export interface GoTool {
  /** Its file name, and the first part of the name of its folder in the cache. */
  readonly name: string;
  /** The path of the Go module whose version is the tool's. */
  readonly of: string;
  readonly program: GoProgram;
}

interface ReleasedTool extends Pick<GoProgram, 'module' | 'tags' | 'expect'> {
  readonly name: string;
  readonly of: string;
  /** The variable that tells the program its version. */
  readonly versionVariable?: string;
  /** More of such variables, with their values. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The command `cmd/NAME` of a module, told its version as in the module's own releases. */
export function releasedTool({
  name,
  of,
  versionVariable = 'main.version',
  variables = {},
  ...program
}: ReleasedTool): GoTool {
  const told = { [versionVariable]: requiredVersion(program.module, of), ...variables };
  const linkerFlags = Object.entries(told).map(([variable, value]) => `-X ${variable}=${value}`);
  return {
    name,
    of,
    program: { ...program, package: `${of}/cmd/${name}`, linkerFlags: linkerFlags.join(' ') },
  };
}

/** The path of a tool in our cache, built first where it is not there. Throws one sentence where there is no Go to do so. */
export async function ensureGoTool(
  { name, of, program }: GoTool,
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const version = requiredVersion(program.module, of);
  const source = goSource({
    folder: `${name}-${version}-${process.platform}-${process.arch}`,
    programs: { [name]: program },
    expect: program.expect,
  });
  const isWhole = (directory: string): boolean => isExecutable(join(directory, name));
  const provision = { name, sources: [source], isWhole, remedy: 'install Go 1.26 or newer' };
  return join(await provide(provision, report, env), name);
}

/** The same for tests that are skipped where it cannot be had: undefined then, and a line that says why. */
export async function goToolIfAny(tool: GoTool): Promise<string | undefined> {
  try {
    return await ensureGoTool(tool, console.log);
  } catch (error) {
    console.warn(`${String(error)}: what needs ${tool.name} is skipped`);
    return undefined;
  }
}
