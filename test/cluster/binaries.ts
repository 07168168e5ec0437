import { resolve } from 'node:path';
import type { Report } from '../provision/progress.ts';
import { provide, type Source } from '../provision/provide.ts';
import { type BinarySet, binariesIn, missingBinaries } from './binary-set.ts';
import { controlPlaneBuild } from './control-plane-build.ts';
import { envtestDownload } from './envtest-download.ts';

export interface BinaryOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly sources?: readonly Source[];
}

/** etcd, kube-apiserver and kubectl: from `KUBEBUILDER_ASSETS` if set, else as `provide` comes by them. */
export async function ensureBinaries(report: Report, options: BinaryOptions = {}): Promise<BinarySet> {
  const { env = process.env, sources = [envtestDownload, controlPlaneBuild] } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) return fromAssets(resolve(assets));
  const provision = {
    name: 'control plane binaries',
    sources,
    isWhole: (directory: string) => missingBinaries(directory).length === 0,
    remedy:
      'install Go 1.26 or newer, or allow access to github.com, or set KUBEBUILDER_ASSETS to a folder that holds etcd, kube-apiserver and kubectl',
  };
  return binariesIn(await provide(provision, report, env));
}

function fromAssets(directory: string): BinarySet {
  const missing = missingBinaries(directory);
  if (missing.length === 0) return binariesIn(directory);
  throw new Error(
    `KUBEBUILDER_ASSETS is ${directory}, which has no executable ${missing.join(', ')}: correct the variable or unset it`,
  );
}
