import { join } from 'node:path';
import { type GoProgram, requiredVersion } from '../provision/go-build.ts';
import { goSource } from '../provision/go-source.ts';
import type { Report } from '../provision/progress.ts';
import { provide } from '../provision/provide.ts';
import { missingPrograms } from './binary-set.ts';

const module = join(import.meta.dirname, 'binaries/csi-sanity');
const version = requiredVersion(module, 'github.com/kubernetes-csi/csi-test/v5');

const csiSanity: GoProgram = {
  module,
  package: 'github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity',
  linkerFlags: `-X main.version=${version}`,
  expect: 'about 15 seconds',
};

/** The path of the official conformance suite of CSI drivers, built from its Go module. */
export async function ensureCsiSanity(report: Report, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const source = goSource({
    folder: `csi-sanity-${version}-${process.platform}-${process.arch}`,
    programs: { 'csi-sanity': csiSanity },
    expect: csiSanity.expect,
  });
  const provision = {
    name: 'csi-sanity',
    sources: [source],
    isWhole: (directory: string) => missingPrograms(directory, ['csi-sanity']).length === 0,
    remedy: 'install Go 1.26 or newer',
  };
  return join(await provide(provision, report, env), 'csi-sanity');
}
