import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../test/provision/progress.ts';
import { bundleProgram } from '../bundle/bundle-program.ts';
import { layersOf } from './layers.ts';
import { type Descriptor, mediaTypeOf, OciLayout } from './oci-layout.ts';
import { packImage } from './pack-image.ts';
import { provideParts } from './parts.ts';
import type { Platform } from './platform.ts';
import { sbomOf, sbomType } from './sbom.ts';
import { readSettings } from './settings.ts';

export interface ImageOptions {
  readonly directory: string;
  /** Where it will be, without a tag. */
  readonly repository: string;
  readonly version: string;
  /** The commit, where that is known. */
  readonly revision?: string;
  /** RFC 3339. */
  readonly created: string;
  readonly platforms: readonly Platform[];
  /** As registries have them; what only stays on this machine can do without. */
  readonly compress: boolean;
}

export interface WrittenImage {
  readonly file: string;
  /** Of the index of all platforms. */
  readonly digest: string;
}

/** Writes one archive with the image for each platform and a bill of materials of each, and those bills also beside it. */
export async function writeImage(options: ImageOptions, report: Report): Promise<WrittenImage> {
  const { directory, repository, version, created, platforms, compress } = options;
  const labels = labelsOf(options);
  const layout = new OciLayout();
  const manifests: Descriptor[] = [];
  const bills: Descriptor[] = [];
  report('bundling the program');
  const bundle = await bundleProgram();
  mkdirSync(directory, { recursive: true });
  for (const platform of platforms) {
    const { architecture } = platform;
    const parts = await provideParts(platform, report);
    if (process.versions.node !== parts.node.version)
      throw new Error(
        `only Node.js ${parts.node.version} makes the same image each time: run "make image" on Linux`,
      );
    report(
      `packing ${architecture}: Node.js ${parts.node.version}, ${parts.debian.length} packages of Debian, the program (about 5 s)`,
    );
    const layers = layersOf(platform, parts, bundle);
    const config = { ...readSettings(), Labels: labels };
    const manifest = packImage(layout, { architecture, layers, config, created, compress });
    manifests.push(manifest);

    const bill = Buffer.from(
      `${JSON.stringify(sbomOf({ version, created, platform, parts, metafile: bundle.metafile }), undefined, 2)}\n`,
    );
    writeFileSync(join(directory, `grantor-${version}-linux-${architecture}.cdx.json`), bill);
    bills.push(attach(layout, manifest, bill, created));
  }
  const mediaType = mediaTypeOf('index.v1+json');
  const index = layout.json(mediaType, { schemaVersion: 2, mediaType, manifests, annotations: labels });
  layout.list({
    ...index,
    annotations: {
      'org.opencontainers.image.ref.name': version,
      'io.containerd.image.name': `${repository}:${version}`,
    },
  });
  for (const bill of bills) layout.list(bill);
  const file = join(directory, `grantor-${version}.oci.tar`);
  layout.write(file);
  return { file, digest: index.digest };
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const labelsOf = ({ version, revision, created }: ImageOptions): Record<string, string> => ({
  'org.opencontainers.image.title': 'grantor',
  'org.opencontainers.image.description':
    'Short-lived, tenant-scoped OAuth 2.0 tokens for Kubernetes workloads',
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'org.opencontainers.image.version': version,
  'org.opencontainers.image.created': created,
  ...(revision === undefined ? {} : { 'org.opencontainers.image.revision': revision }),
});

/** A referrer: https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage */
function attach(layout: OciLayout, subject: Descriptor, bill: Uint8Array, created: string): Descriptor {
  const mediaType = mediaTypeOf('manifest.v1+json');
  const { mediaType: subjectType, digest, size } = subject;
  const manifest = layout.json(mediaType, {
    schemaVersion: 2,
    mediaType,
    artifactType: sbomType,
    config: layout.blob('application/vnd.oci.empty.v1+json', Buffer.from('{}')),
    layers: [layout.blob(sbomType, bill)],
    subject: { mediaType: subjectType, digest, size },
    annotations: { 'org.opencontainers.image.created': created },
  });
  return { ...manifest, artifactType: sbomType };
}
