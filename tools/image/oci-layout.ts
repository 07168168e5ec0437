import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TarEntry } from '../../src/std/tar.ts';
import { tarParts } from './tar.ts';

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: { readonly architecture: string; readonly os: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export const mediaTypeOf = (name: string): string => `application/vnd.oci.image.${name}`;

export const sha256 = (content: Uint8Array): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** A folder of contents by their digests, and an index of what they are. https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export class OciLayout {
  readonly #blobs = new Map<string, TarEntry>();
  readonly #index: Descriptor[] = [];

  blob(mediaType: string, content: Uint8Array): Descriptor {
    const digest = sha256(content);
    const path = `blobs/sha256/${digest.slice('sha256:'.length)}`;
    this.#blobs.set(path, { path, mode: 0o644, content });
    return { mediaType, digest, size: content.length };
  }

  json(mediaType: string, value: object): Descriptor {
    return this.blob(mediaType, Buffer.from(JSON.stringify(value)));
  }

  /** Lists what whoever opens the archive is to find first. */
  list(descriptor: Descriptor): void {
    this.#index.push(descriptor);
  }

  /** Writes one file with all of it. */
  write(file: string): void {
    mkdirSync(dirname(file), { recursive: true });
    const index = { schemaVersion: 2, mediaType: mediaTypeOf('index.v1+json'), manifests: this.#index };
    const texts = { 'oci-layout': { imageLayoutVersion: '1.0.0' }, 'index.json': index };
    const files = Object.entries(texts).map(([path, value]) => ({
      path,
      mode: 0o644,
      content: Buffer.from(JSON.stringify(value)),
    }));
    const archive = openSync(file, 'w');
    try {
      for (const part of tarParts([...files, ...this.#blobs.values()])) writeWhole(archive, part);
    } finally {
      closeSync(archive);
    }
  }
}

/** A call may write less than it is given. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
