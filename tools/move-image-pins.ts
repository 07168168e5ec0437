// `node tools/move-image-pins.ts`: pins the newest versions of the Debian packages that are in the image, for all kinds of machines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApt } from './image/apt.ts';
import { debianPackages } from './image/debian-files.ts';
import { type DebianPackage, pinsFile, readPins } from './image/debian-pins.ts';

const { release, version } = readPins();
const directory = mkdtempSync(join(tmpdir(), 'grantor-pins-'));
try {
  const packages = { amd64: await newest('amd64'), arm64: await newest('arm64') };
  writeFileSync(pinsFile, `${JSON.stringify({ release, version, packages }, undefined, 2)}\n`);
} finally {
  rmSync(directory, { recursive: true });
}

async function newest(architecture: string): Promise<DebianPackage[]> {
  console.log(`reading the lists of ${release} for ${architecture} (some seconds)`);
  const apt = await openApt(join(directory, architecture), release, architecture);
  const uris = await apt.run(directory, 'download', '--print-uris', ...debianPackages);
  // 'http://…/libc6_2.41-12_arm64.deb' libc6_2.41-12_arm64.deb 2488872 SHA256:0966…
  const found = [...uris.matchAll(/ (\S+)_(\S+)_(\w+)\.deb \d+ SHA256:(\w+)$/gm)].map(
    ([, name = '', version = '', of = '', sha256 = '']) => ({
      name,
      version: decodeURIComponent(version),
      architecture: of as DebianPackage['architecture'],
      sha256,
    }),
  );
  if (found.length !== debianPackages.length) throw new Error(`apt-get named ${found.length} packages`);
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}
