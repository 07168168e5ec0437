import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '../../src/std/result.ts';
import {
  type GoProgram,
  goBuild,
  goVersion,
  removeLeftovers,
  requiredVersion,
} from '../provision/go-build.ts';
import type { Report } from '../provision/progress.ts';
import { provide, type Source } from '../provision/provide.ts';

const module = join(import.meta.dirname, 'binaries/hydra');
export const hydraVersion = requiredVersion(module, 'github.com/ory/hydra/v2');

const hydra: GoProgram = {
  module,
  package: 'github.com/ory/hydra/v2',
  // Without its database in memory, which is SQLite's and so of C, it would need one of our own.
  tags: ['sqlite', 'json1'],
  cgo: true,
  linkerFlags: `-X github.com/ory/hydra/v2/driver/config.Version=${hydraVersion}`,
  expect: 'about 2 minutes',
};

const programIn = (directory: string): string => join(directory, 'hydra');

const build: Source = {
  folder: `hydra-${hydraVersion}-${process.platform}-${process.arch}`,
  async provide(directory, report) {
    const go = await goVersion(module);
    if (go === undefined) return err('Go 1.26 or newer is not installed');
    removeLeftovers(directory);
    report(`building Hydra ${hydraVersion} with ${go}: ${hydra.expect} on 2 cores, once`);
    const failure = await goBuild(programIn(directory), hydra, report);
    return failure === undefined ? ok(undefined) : err(`go build of Hydra failed: ${failure}`);
  },
};

/** The path of Ory Hydra, built from its Go module. */
export async function ensureHydra(report: Report, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const provision = {
    name: 'Hydra',
    sources: [build],
    isWhole: (directory: string) => existsSync(programIn(directory)),
    remedy: 'install Go 1.26 or newer and a C compiler',
  };
  return programIn(await provide(provision, report, env));
}
