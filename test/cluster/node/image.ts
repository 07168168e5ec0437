import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

/** What keeps the namespaces of a pod. */
export const pauseImage = 'grantor.test/pause:1';

export interface Image {
  /** As pods name it. */
  readonly name: string;
  /** Folders, each of which is laid over those before it. */
  readonly layers: readonly string[];
  /** https://github.com/opencontainers/image-spec/blob/main/config.md#properties */
  readonly config: {
    readonly Entrypoint?: readonly string[];
    readonly Env?: readonly string[];
    readonly User?: string;
  };
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Packs an OCI image into an archive as `ctr images import` takes it: no registry, no image tool. The same folders give the same digest,
 * with which it answers.
 */
export async function packImage({ name, layers, config }: Image, archive: string): Promise<string> {
  mkdirSync(dirname(archive), { recursive: true });
  const stage = mkdtempSync(`${archive}-`);
  try {
    const blobs = join(stage, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const packed = [];
    for (const layer of layers) packed.push(await layerBlob(layer, blobs));
    const configured = jsonBlob(blobs, 'config.v1+json', {
      created: '1970-01-01T00:00:00Z',
      ...platform,
      config,
      rootfs: { type: 'layers', diff_ids: packed.map(({ digest }) => digest) },
    });
    const mediaType = mediaTypeOf('manifest.v1+json');
    const manifest = { schemaVersion: 2, mediaType, config: configured, layers: packed };
    const { digest, ...described } = jsonBlob(blobs, 'manifest.v1+json', manifest);
    writeFileSync(join(stage, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    const annotations = { 'io.containerd.image.name': name };
    const index = {
      schemaVersion: 2,
      mediaType: mediaTypeOf('index.v1+json'),
      manifests: [{ ...described, digest, platform, annotations }],
    };
    writeFileSync(join(stage, 'index.json'), JSON.stringify(index));
    await tar(stage, archive, ['oci-layout', 'index.json', 'blobs']);
    return digest;
  } finally {
    rmSync(stage, { recursive: true });
  }
}

const platform = { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux' };
const mediaTypeOf = (name: string): string => `application/vnd.oci.image.${name}`;

async function layerBlob(folder: string, blobs: string): Promise<Descriptor> {
  const file = join(blobs, 'layer');
  await tar(folder, file, ['.']);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const hex = hash.digest('hex');
  const size = statSync(file).size;
  renameSync(file, join(blobs, hex));
  return { mediaType: mediaTypeOf('layer.v1.tar'), digest: `sha256:${hex}`, size };
}

function jsonBlob(blobs: string, name: string, value: object): Descriptor {
  const text = JSON.stringify(value);
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(blobs, hex), text);
  return { mediaType: mediaTypeOf(name), digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}

/** Without whatever differs from one run or machine to another. */
const tar = (folder: string, file: string, names: readonly string[]) =>
  promisify(execFile)('tar', [
    ...['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=go-w'],
    ...['-C', folder, '-cf', file, ...names],
  ]);

/** Programs of this machine with the libraries they load, where they look for them. */
export async function copyPrograms(root: string, programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, program] of Object.entries(programs)) {
    copyInto(root, path, program);
    // A static program has none, which ldd calls a failure.
    const { stdout } = await promisify(execFile)('ldd', [program]).catch(() => ({ stdout: '' }));
    for (const [library] of stdout.matchAll(/\/\S+/g)) copyInto(root, library, library);
  }
}

/** Copies what `source` is, or points to. */
function copyInto(root: string, path: string, source: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}
