import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Report } from './progress.ts';
import { runProgram } from './run-program.ts';

export interface GoProgram {
  /** The folder of the go.mod that pins it. */
  readonly module: string;
  readonly package: string;
  readonly tags?: readonly string[];
  readonly linkerFlags?: string;
  /** Whether part of it is C. */
  readonly cgo?: boolean;
  /** Measured on 2 cores with nothing in Go's cache. */
  readonly expect: string;
}

/** Asked inside the module, so that a Go that can fetch a newer toolchain of itself answers with that one. */
export async function goVersion(module: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: module });
    const [, minorVersion] = /^go1\.(\d+)/.exec(stdout) ?? [];
    return Number(minorVersion) >= 26 ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Answers with the end of the compiler's output if it fails. `file` appears only when it is whole. */
export async function goBuild(file: string, program: GoProgram, report: Report): Promise<string | undefined> {
  const name = basename(file);
  const partial = join(dirname(file), `.${name}.partial`);
  const linkerFlags = `-s -w ${program.linkerFlags ?? ''}`.trim();
  const tags = program.tags === undefined ? [] : ['-tags', program.tags.join(',')];
  // With -v each line is a package that was compiled or downloaded.
  const build = ['go', 'build', '-v', '-trimpath', '-buildvcs=false', ...tags] as const;
  const failure = await runProgram([...build, '-ldflags', linkerFlags, '-o', partial, program.package], {
    cwd: program.module,
    env: { ...process.env, CGO_ENABLED: program.cgo ? '1' : '0', GOFLAGS: '-mod=readonly' },
    tick: (packages, elapsed) =>
      report(`building ${name}: ${packages} packages after ${elapsed} (${program.expect} on 2 cores)`),
  });
  if (failure !== undefined) return failure;
  renameSync(partial, file);
  report(`${name} is built`);
  return undefined;
}

/** What an interrupted build left. Safe, because only the holder of the cache's lock builds. */
export function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('.')) rmSync(join(directory, name), { recursive: true });
  }
}

/** The version of `path` that `<module>/go.mod` pins: the one place where it is written. */
export function requiredVersion(module: string, path: string): string {
  const file = join(module, 'go.mod');
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .map((text) => text.trim().replace(/^require /, ''))
    .find((text) => text.startsWith(`${path} v`));
  const version = line?.split(' ')[1];
  if (version === undefined) throw new Error(`${file} does not require ${path}`);
  return version;
}
