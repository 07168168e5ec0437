import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '../../src/std/result.ts';
import { type GoProgram, goBuild, goVersion, removeLeftovers } from './go-build.ts';
import type { Source } from './provide.ts';

export interface GoPrograms {
  /** The cache folder. */
  readonly folder: string;
  /** By file name. */
  readonly programs: Readonly<Record<string, GoProgram>>;
  /** How long all of them take with nothing in Go's cache, on 2 cores. */
  readonly expect: string;
}

/** Builds programs from pinned Go modules, one after the other: they would only fight for the cores. */
export const goSource = ({ folder, programs, expect }: GoPrograms): Source => ({
  folder,
  async provide(directory, report) {
    const [first] = Object.values(programs);
    const go = first && (await goVersion(first.module));
    if (go === undefined) return err('Go 1.26 or newer is not installed');
    removeLeftovers(directory);
    const missing = Object.entries(programs).filter(([name]) => !existsSync(join(directory, name)));
    report(`building ${missing.map(([name]) => name).join(', ')} with ${go}: ${expect} on 2 cores, once`);
    for (const [name, program] of missing) {
      const failure = await goBuild(join(directory, name), program, report);
      if (failure !== undefined) return err(`go build of ${name} failed: ${failure}`);
    }
    return ok(undefined);
  },
});
