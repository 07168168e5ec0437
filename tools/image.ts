// `make image`: an OCI image for amd64 and arm64 in one archive, without a container daemon. See docs/image.md.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { version } from '../src/cmd/version.ts';
import { bundleProgram } from './bundle/bundle-program.ts';
import { layersOf } from './image/layers.ts';
import { provideParts } from './image/parts.ts';
import { platformOf, platforms } from './image/platform.ts';
import { unpack } from './image/unpack.ts';
import { writeImage } from './image/write-image.ts';

const usage = `usage: node tools/image.ts [--repository NAME] [--out DIR]
       node tools/image.ts --rootfs DIR --platform ARCHITECTURE

  --repository NAME   what the image is called (grantor)
  --out DIR           where the archive goes (dist/image)
  --rootfs DIR        writes the files of the image into DIR instead, as Dockerfile does
  --platform ARCH     of which kind of machine: amd64 or arm64
  -h, --help          this text

SOURCE_DATE_EPOCH is when it was made; without it, when the commit was.`;

const started = performance.now();
const report = (line: string): void =>
  console.log(`[${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);

try {
  await main();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      repository: { type: 'string', default: 'grantor' },
      out: { type: 'string', default: 'dist/image' },
      rootfs: { type: 'string' },
      platform: { type: 'string', default: 'amd64' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(usage);
  if (values.rootfs !== undefined) {
    const platform = platformOf(values.platform);
    const layers = layersOf(platform, await provideParts(platform, report), await bundleProgram());
    for (const { entries } of layers) unpack(entries, values.rootfs);
    return report(`${values.rootfs} holds the files of the image for ${platform.architecture}`);
  }
  const { file, digest } = await writeImage(
    {
      directory: values.out,
      repository: values.repository,
      version,
      ...provenance(),
      platforms,
      compress: true,
    },
    report,
  );
  const size = (statSync(file).size / 1e6).toFixed(0);
  report(`${file} (${size} MB), with a bill of materials for each platform beside it`);
  console.log(digest);
}

/** When it was made and of what, as the same checkout always says. */
function provenance(): { created: string; revision?: string } {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const commit = lastCommit();
  const created = new Date(Number(epoch ?? commit?.time ?? 0) * 1000).toISOString();
  return { created, ...(commit === undefined ? {} : { revision: commit.hash }) };
}

/** Undefined outside a repository, and where something is changed: then it is not that commit. */
function lastCommit(): { time: string; hash: string } | undefined {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    if (git('status', '--porcelain') !== '') return undefined;
    const [hash = '', time = ''] = git('log', '-1', '--format=%H %ct').split(' ');
    return { hash, time };
  } catch {
    return undefined;
  }
}
