import { execFileSync } from 'node:child_process';
import type { TarEntry } from '../../src/std/tar.ts';
import { readTar } from '../../tools/image/tar.ts';

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly platform?: { readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What any of the JSON documents of an image may have. */
interface Document {
  readonly manifests: readonly Descriptor[];
  readonly layers: readonly [Descriptor, ...Descriptor[]];
  readonly config: Descriptor & { readonly Entrypoint: readonly string[]; readonly Env: readonly string[] };
  readonly subject?: Descriptor;
  /** Of a bill of materials. */
  readonly components: readonly Component[];
}

interface Component {
  readonly type: string;
  readonly name: string;
  readonly 'bom-ref': string;
  readonly components?: readonly Component[];
}

/** An archive as a registry would read it. */
export class OpenedImage {
  readonly #archive: string;
  readonly #entries = new Map<string, Map<string, TarEntry>>();

  constructor(archive: string) {
    this.#archive = archive;
  }

  file(path: string): Buffer {
    return execFileSync('tar', ['-xOf', this.#archive, path], { maxBuffer: 1 << 30 });
  }

  blob({ digest }: Pick<Descriptor, 'digest'>): Buffer {
    return this.file(`blobs/sha256/${digest.slice('sha256:'.length)}`);
  }

  json(descriptor: Pick<Descriptor, 'digest'>): Document {
    return JSON.parse(this.blob(descriptor).toString()) as Document;
  }

  /** What the archive lists first: the image, and what is attached to it. */
  get listed(): Descriptor[] {
    return JSON.parse(this.file('index.json').toString()).manifests;
  }

  /** The manifest of one kind of machine. */
  manifest(architecture: string): Descriptor {
    return this.json(this.listed[0]!).manifests.find(
      ({ platform }) => platform?.architecture === architecture,
    )!;
  }

  /** All that is in it for one kind of machine. */
  entries(architecture: string): Map<string, TarEntry> {
    const read = this.#entries.get(architecture);
    if (read !== undefined) return read;
    const { layers } = this.json(this.manifest(architecture));
    const all = new Map(
      layers.flatMap((layer) => readTar(this.blob(layer))).map((entry) => [entry.path, entry]),
    );
    this.#entries.set(architecture, all);
    return all;
  }
}
