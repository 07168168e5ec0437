import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { err, ok } from '../../src/std/result.ts';
import type { Report } from '../provision/progress.ts';
import { withProgress } from '../provision/progress.ts';
import type { Source } from '../provision/provide.ts';
import { type BinaryName, binariesIn, binaryNames } from './binary-set.ts';

/** The newest 1.36 release of the official envtest binaries. */
const version = 'v1.36.2';
const releases = 'https://github.com/kubernetes-sigs/controller-tools/releases/download';

/**
 * SHA-512 of each archive, from `envtest-releases.yaml` of kubernetes-sigs/controller-tools. Pinned here, because a checksum fetched from
 * where the archive is fetched protects from nothing but a broken line.
 */
const checksums: Readonly<Record<string, string>> = {
  'linux-amd64':
    'ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dcf30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08',
  'linux-arm64':
    '2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae28181afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac',
};

const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** The official prebuilt binaries: seconds instead of minutes where the internet is reachable. */
export const envtestDownload: Source = archiveSource({
  folder: `envtest-${version}-${process.platform}-${process.arch}`,
  url: `${releases}/envtest-${version}/envtest-${version}-${platform}.tar.gz`,
  sha512: checksums[platform],
});

export interface Archive {
  readonly folder: string;
  /** Of a gzipped tar in envtest's layout. */
  readonly url: string;
  /** Hexadecimal; undefined if there is no such archive for this platform. */
  readonly sha512: string | undefined;
}

/** The programs from an archive, if it can be fetched and is the one that was pinned. */
export function archiveSource({ folder, url, sha512 }: Archive): Source {
  return {
    folder,
    async provide(directory, report) {
      if (sha512 === undefined) return err(`there is no envtest release for ${platform}`);
      const temporary = mkdtempSync(join(directory, '.download-'));
      try {
        const file = join(temporary, 'archive.tar.gz');
        if ((await download(url, file, report)) !== sha512)
          return err(`${url} has another checksum than the pinned one`);
        await unpack(file, temporary, directory);
        return ok(undefined);
      } catch (error) {
        return err(`the envtest download is out of reach (${rootCause(error)})`);
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
  };
}

const maximumBytes = 300 * 1024 * 1024;

/** Fetches `url` into `file` and answers with the SHA-512 of what came. */
async function download(url: string, file: string, report: Report): Promise<string> {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: 5_000 },
    headersTimeout: 15_000,
    bodyTimeout: 30_000,
  });
  try {
    const response = await fetch(url, { dispatcher });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const hash = createHash('sha512');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        done(bytes > maximumBytes ? new Error(`more than ${megabytes(maximumBytes)}`) : null, chunk);
      },
    });
    await withProgress(
      (elapsed) => report(`downloading ${url}: ${megabytes(bytes)} after ${elapsed}`),
      () => pipeline(response.body ?? [], measure, createWriteStream(file)),
    );
    return hash.digest('hex');
  } finally {
    await dispatcher.destroy();
  }
}

/** Moves the programs into place one by one, each by a rename: what is there is whole. */
async function unpack(archive: string, temporary: string, directory: string): Promise<void> {
  await promisify(execFile)('tar', ['-xzf', archive, '-C', temporary, ...binaryNames.map(pathInArchive)]);
  const targets = binariesIn(directory);
  for (const name of binaryNames) renameSync(join(temporary, pathInArchive(name)), targets[name]);
}

const pathInArchive = (name: BinaryName): string => `controller-tools/envtest/${name}`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

/** undici says "fetch failed"; what failed is in its cause. */
function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootCause(error.cause);
}
