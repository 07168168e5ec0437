import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { err, ok } from '../../src/std/result.ts';
import type { BinarySource } from './binaries.ts';
import { type BinaryName, binariesIn, missingBinaries, type Report } from './binary-set.ts';
import { withProgress } from './progress.ts';

const modules = join(import.meta.dirname, 'binaries');
const kubernetesVersion = requiredVersion('kubernetes', 'k8s.io/kubernetes');
const etcdVersion = requiredVersion('etcd', 'go.etcd.io/etcd/server/v3');

/** Without these the server says v0.0.0 and clients that negotiate by version misbehave. */
const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
const kubernetesFlags = Object.entries({ gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor })
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ');

interface Program {
  readonly module: string;
  readonly package: string;
  readonly linkerFlags: string;
  /** Measured on 2 cores with nothing in Go's cache. */
  readonly expect: string;
}

const programs: Readonly<Record<BinaryName, Program>> = {
  etcd: { module: 'etcd', package: '.', linkerFlags: '', expect: 'about 1 minute' },
  'kube-apiserver': {
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    linkerFlags: kubernetesFlags,
    expect: 'about 5 minutes',
  },
  kubectl: {
    module: 'kubernetes',
    package: 'k8s.io/kubernetes/cmd/kubectl',
    linkerFlags: kubernetesFlags,
    expect: 'about 20 seconds',
  },
};

/** Builds from the Go modules pinned in `binaries/`, one after the other: they would only fight for the cores. */
export const goBuild: BinarySource = {
  folder: `kubernetes-${kubernetesVersion}-etcd-${etcdVersion}-${process.platform}-${process.arch}`,
  async provide(directory, report) {
    const go = await goVersion();
    if (go === undefined) return err('Go 1.26 or newer is not installed');
    removeLeftovers(directory);
    const missing = missingBinaries(directory);
    report(`building ${missing.join(', ')} with ${go}: 6 to 7 minutes on 2 cores, once`);
    for (const name of missing) {
      const failure = await build(name, directory, report);
      if (failure !== undefined) return err(`go build of ${name} failed: ${failure}`);
    }
    return ok(undefined);
  },
};

/** Asked inside the module, so that a Go that can fetch a newer toolchain of itself answers with that one. */
async function goVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      cwd: join(modules, 'kubernetes'),
    });
    const [, minorVersion] = /^go1\.(\d+)/.exec(stdout) ?? [];
    return Number(minorVersion) >= 26 ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** Answers with the end of the compiler's output if it fails. The file appears under its name only when it is whole. */
async function build(name: BinaryName, directory: string, report: Report): Promise<string | undefined> {
  const program = programs[name];
  const partial = join(directory, `.${name}.partial`);
  const linkerFlags = `-s -w ${program.linkerFlags}`.trim();
  const go = spawn(
    'go',
    ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags, '-o', partial, program.package],
    {
      cwd: join(modules, program.module),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const closed = new Promise<number | null>((resolve, reject) =>
    go.once('close', resolve).once('error', reject),
  );
  // Each line is a package that was compiled or downloaded.
  const lines: string[] = [];
  createInterface({ input: go.stderr }).on('line', (line) => lines.push(line));
  const exitCode = await withProgress(
    (elapsed) =>
      report(`building ${name}: ${lines.length} packages after ${elapsed} (${program.expect} on 2 cores)`),
    () => closed,
  );
  if (exitCode !== 0) return lines.slice(-5).join(' | ') || `exit code ${exitCode}`;
  renameSync(partial, binariesIn(directory)[name]);
  report(`${name} is built`);
  return undefined;
}

/** What an interrupted build left. Safe, because only the holder of the cache's lock builds. */
function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('.')) rmSync(join(directory, name), { recursive: true });
  }
}

/** The version that `binaries/<module>/go.mod` pins: the one place where it is written. */
function requiredVersion(module: string, path: string): string {
  const file = join(modules, module, 'go.mod');
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .map((text) => text.trim().replace(/^require /, ''))
    .find((text) => text.startsWith(`${path} v`));
  const version = line?.split(' ')[1];
  if (version === undefined) throw new Error(`${file} does not require ${path}`);
  return version;
}
