import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Result } from '../../src/std/result.ts';
import { type BinarySet, binariesIn, missingBinaries, type Report } from './binary-set.ts';
import { envtestDownload } from './envtest-download.ts';
import { exclusively } from './exclusively.ts';
import { goBuild } from './go-build.ts';

/** One way to come by the programs. */
export interface BinarySource {
  /** The cache folder, by version and platform: what was provided once is never provided again. */
  readonly folder: string;
  /** Puts the missing programs into `directory`, each one whole or not at all; says in half a sentence why it can't. */
  provide(directory: string, report: Report): Promise<Result<void, string>>;
}

export interface BinaryOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly sources?: readonly BinarySource[];
}

/**
 * etcd, kube-apiserver and kubectl: from `KUBEBUILDER_ASSETS` if set, else from our cache, else from the first source that can provide
 * them. Throws one sentence that says what to install when none can.
 */
export async function ensureBinaries(report: Report, options: BinaryOptions = {}): Promise<BinarySet> {
  const { env = process.env, sources = [envtestDownload, goBuild] } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) return fromAssets(resolve(assets));

  const cache = cacheDirectory(env);
  const cached = (): string | undefined =>
    sources
      .map(({ folder }) => join(cache, folder))
      .find((directory) => missingBinaries(directory).length === 0);

  const found = cached();
  if (found !== undefined) return binariesIn(found);

  mkdirSync(cache, { recursive: true });
  return exclusively(
    join(cache, 'lock'),
    () => report('another run is fetching or building the control plane binaries; waiting for it'),
    async () => binariesIn(cached() ?? (await provide(cache, sources, report))),
  );
}

async function provide(cache: string, sources: readonly BinarySource[], report: Report): Promise<string> {
  const reasons: string[] = [];
  for (const source of sources) {
    const directory = join(cache, source.folder);
    mkdirSync(directory, { recursive: true });
    const provided = await source.provide(directory, report);
    if (provided.ok) return directory;
    report(provided.error);
    reasons.push(provided.error);
  }
  throw new Error(
    `no control plane binaries (${reasons.join('; ')}): ` +
      'install Go 1.26 or newer, or allow access to github.com, or set KUBEBUILDER_ASSETS to a folder that holds etcd, kube-apiserver and kubectl',
  );
}

function fromAssets(directory: string): BinarySet {
  const missing = missingBinaries(directory);
  if (missing.length === 0) return binariesIn(directory);
  throw new Error(
    `KUBEBUILDER_ASSETS is ${directory}, which has no executable ${missing.join(', ')}: correct the variable or unset it`,
  );
}

/** Outside the source tree, so that every clone and every `git clean` shares one build. */
function cacheDirectory(env: NodeJS.ProcessEnv): string {
  if (env['GRANTOR_CACHE']) return resolve(env['GRANTOR_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grantor');
}
