import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Result } from '../../src/std/result.ts';
import { exclusively } from './exclusively.ts';
import type { Report } from './progress.ts';

/** Programs that tests need and that are not in the checkout. */
export interface Provision {
  /** For messages: `the control plane binaries`. */
  readonly name: string;
  readonly sources: readonly Source[];
  /** Whether `directory` holds all of it. */
  isWhole(directory: string): boolean;
  /** What a person can do when no source can provide it: follows "no <name> (<reasons>): ". */
  readonly remedy: string;
}

/** One way to come by them. */
export interface Source {
  /** The cache folder, by version and platform: what was provided once is never provided again. */
  readonly folder: string;
  /** Puts what is missing into `directory`, each program whole or not at all; says in half a sentence why it can't. */
  provide(directory: string, report: Report): Promise<Result<void, string>>;
}

/** The folder that holds them: from our cache, else from the first source that can provide them. Throws one sentence when none can. */
export async function provide(
  provision: Provision,
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const cache = cacheDirectory(env);
  const cached = (): string | undefined =>
    provision.sources
      .map(({ folder }) => join(cache, folder))
      .find((directory) => provision.isWhole(directory));

  const found = cached();
  if (found !== undefined) return found;

  mkdirSync(cache, { recursive: true });
  return exclusively(
    join(cache, 'lock'),
    () => report(`another run is fetching or building what tests need; waiting for it`),
    async () => cached() ?? fromSources(provision, cache, report),
  );
}

async function fromSources({ name, sources, remedy }: Provision, cache: string, report: Report) {
  const reasons: string[] = [];
  for (const source of sources) {
    const directory = join(cache, source.folder);
    mkdirSync(directory, { recursive: true });
    const provided = await source.provide(directory, report);
    if (provided.ok) return directory;
    report(provided.error);
    reasons.push(provided.error);
  }
  throw new Error(`no ${name} (${reasons.join('; ')}): ${remedy}`);
}

/** Outside the source tree, so that every clone and every `git clean` shares one build. */
function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env['GRANTOR_CACHE']) return resolve(env['GRANTOR_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grantor');
}
