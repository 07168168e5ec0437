import { gzipSync } from 'node:zlib';
import type { Layer } from './layers.ts';
import { type Descriptor, mediaTypeOf, type OciLayout, sha256 } from './oci-layout.ts';
import type { ImageConfig } from './settings.ts';
import { writeTar } from './tar.ts';

export interface PlatformImage {
  readonly architecture: string;
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
  /** RFC 3339. */
  readonly created: string;
  /** Smaller, and slower to pack and to unpack. */
  readonly compress: boolean;
}

/** Adds an image for one kind of machine; answers with its manifest. The same entries give the same digest. */
export function packImage(
  layout: OciLayout,
  { architecture, layers, config, created, compress }: PlatformImage,
): Descriptor {
  const archives = layers.map(({ entries }) => writeTar(entries));
  const packed = archives.map((archive) =>
    compress
      ? layout.blob(mediaTypeOf('layer.v1.tar+gzip'), gzipSync(archive))
      : layout.blob(mediaTypeOf('layer.v1.tar'), archive),
  );
  const platform = { architecture, os: 'linux' };
  const described = layout.json(mediaTypeOf('config.v1+json'), {
    created,
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: archives.map(sha256) },
    history: layers.map(({ name }) => ({ created, created_by: name })),
  });
  const mediaType = mediaTypeOf('manifest.v1+json');
  const manifest = layout.json(mediaType, { schemaVersion: 2, mediaType, config: described, layers: packed });
  return { ...manifest, platform };
}
