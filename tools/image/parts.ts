import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { err, ok, type Result } from '../../src/std/result.ts';
import { type Report, withProgress } from '../../test/provision/progress.ts';
import { provide } from '../../test/provision/provide.ts';
import { type Apt, openApt } from './apt.ts';
import { type DebianPackage, fileOf, readPins } from './debian-pins.ts';
import type { Platform } from './platform.ts';

const root = join(import.meta.dirname, '../..');

/** What the image is made of and is not in the checkout, each as a tar archive. */
export interface Parts {
  readonly debian: readonly {
    readonly package: DebianPackage;
    readonly files: string;
    readonly control: string;
  }[];
  readonly node: { readonly version: string; readonly integrity: string; readonly files: string };
}

/** Fetched once, then from the cache; each part is of the file that is pinned, or there is none. Throws one sentence where it can't be had. */
export async function provideParts(platform: Platform, report: Report): Promise<Parts> {
  const { release, packages } = readPins();
  const debian = packages[platform.architecture];
  const node = nodeOf(platform);
  const pinned = createHash('sha256')
    .update(JSON.stringify([debian, node]))
    .digest('hex')
    .slice(0, 8);
  const names = ['node.tar', ...debian.flatMap(({ name }) => [`${name}.tar`, `${name}.control.tar`])];
  const folder = await provide(
    {
      name: `parts of the image for ${platform.architecture}`,
      sources: [{ folder: `image-${platform.architecture}-${pinned}`, provide: fetchInto }],
      isWhole: (directory) => names.every((name) => existsSync(join(directory, name))),
      remedy:
        'where Debian has a newer version, run node tools/move-image-pins.ts, or set DEBIAN_MIRROR to a snapshot that still has this one',
    },
    report,
  );
  const inFolder = (name: string): string => join(folder, name);
  return {
    debian: debian.map((one) => ({
      package: one,
      files: inFolder(`${one.name}.tar`),
      control: inFolder(`${one.name}.control.tar`),
    })),
    node: { ...node, files: inFolder('node.tar') },
  };

  async function fetchInto(directory: string): Promise<Result<void, string>> {
    const stage = mkdtempSync(join(directory, '.partial-'));
    const what = `Node.js and ${debian.length} packages of Debian for ${platform.architecture}`;
    report(`fetching ${what}, 50 MB, once`);
    try {
      await withProgress(
        (elapsed) => report(`fetching ${what} since ${elapsed}`),
        async () => {
          await fetchNode(stage, platform.nodePackage, node);
          await fetchDebian(stage, debian, await openApt(join(stage, 'apt'), release, platform.architecture));
        },
      );
      for (const name of names) renameSync(join(stage, name), join(directory, name));
      return ok(undefined);
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    } finally {
      rmSync(stage, { recursive: true });
    }
  }
}

async function fetchNode(stage: string, name: string, { version, integrity }: NodePin): Promise<void> {
  await run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', stage], { cwd: root });
  const packed = pinnedContent(join(stage, `${name}-${version}.tgz`), 'sha512', 'base64', integrity.slice(7));
  writeFileSync(join(stage, 'node.tar'), gunzipSync(packed));
}

async function fetchDebian(stage: string, packages: readonly DebianPackage[], apt: Apt): Promise<void> {
  await apt.run(stage, 'download', ...packages.map(({ name, version }) => `${name}=${version}`));
  for (const one of packages) {
    const file = join(stage, fileOf(one));
    pinnedContent(file, 'sha256', 'hex', one.sha256);
    for (const [option, name] of [
      ['--fsys-tarfile', `${one.name}.tar`],
      ['--ctrl-tarfile', `${one.name}.control.tar`],
    ] as const) {
      const { stdout } = await run('dpkg-deb', [option, file], { encoding: 'buffer', maxBuffer: 1 << 28 });
      writeFileSync(join(stage, name), stdout);
    }
  }
}

const run = promisify(execFile);

function pinnedContent(file: string, algorithm: string, encoding: 'hex' | 'base64', pinned: string): Buffer {
  const content = readFileSync(file);
  if (createHash(algorithm).update(content).digest(encoding) !== pinned)
    throw new Error(`${basename(file)} is not the one that is pinned`);
  return content;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), integrity: z.string().optional() }),
  ),
});

interface NodePin {
  readonly version: string;
  readonly integrity: string;
}

/** The Node.js that package-lock.json pins for a kind of machine. */
function nodeOf({ nodePackage }: Platform): NodePin {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const { version, integrity } = packages[`node_modules/${nodePackage}`] ?? {};
  if (version === undefined || !integrity?.startsWith('sha512-'))
    throw new Error(`package-lock.json does not pin ${nodePackage} by a sha512`);
  return { version, integrity };
}
