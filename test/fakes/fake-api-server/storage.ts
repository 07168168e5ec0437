import type { KubeObject, Stored } from '../../../src/kube/objects.ts';
import type { ObjectName } from '../../../src/kube/resource-path.ts';

/** One change of one object. What went away comes with the version of its going. */
export interface Revision {
  readonly version: number;
  readonly plural: string;
  readonly previous: Stored | undefined;
  readonly current: Stored | undefined;
}

/** What etcd is to an API server: every object under its key, one version that counts up, and the changes until they are compacted. */
export class Storage {
  readonly objects = new Map<string, Stored>();
  /** Told of each change. */
  readonly watchers = new Set<(revision: Revision) => void>();
  #revisions: Revision[] = [];
  #version = 1000;
  #compacted = 1000;

  get version(): number {
    return this.#version;
  }
  /** Of changes up to this version nothing is known any more. */
  get compacted(): number {
    return this.#compacted;
  }

  get<T extends KubeObject>(plural: string, at: ObjectName): Stored<T> | undefined {
    return this.objects.get(keyOf(plural, at)) as Stored<T> | undefined;
  }

  /** In the order of their creation. */
  list(plural: string): Stored[] {
    const prefix = `${plural} `;
    const found: Stored[] = [];
    for (const [key, object] of this.objects) if (key.startsWith(prefix)) found.push(object);
    return found;
  }

  /** Stores an object under its next version. */
  put(plural: string, object: Stored): Stored {
    const key = keyOf(plural, object.metadata);
    const current = this.#versioned(object);
    const previous = this.objects.get(key);
    this.objects.set(key, current);
    this.#tell({ version: this.#version, plural, previous, current });
    return current;
  }

  remove(plural: string, at: ObjectName): void {
    const key = keyOf(plural, at);
    const previous = this.objects.get(key);
    if (previous === undefined) return;
    this.objects.delete(key);
    const gone = this.#versioned(previous);
    this.#tell({ version: this.#version, plural, previous: gone, current: undefined });
  }

  /** Forgets the changes until now: who watches from before has to list anew. */
  compact(): void {
    this.#revisions = [];
    this.#compacted = this.#version;
  }

  /** The changes after `version`; undefined if they are not all known any more. */
  since(version: number): readonly Revision[] | undefined {
    if (version < this.#compacted) return undefined;
    return this.#revisions.filter((revision) => revision.version > version);
  }

  #versioned(object: Stored): Stored {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #tell(revision: Revision): void {
    this.#revisions.push(revision);
    for (const watcher of this.watchers) watcher(revision);
  }
}

/** `secrets acme-prod/billing`: the plural, and where the object is. */
export const keyOf = (plural: string, { namespace, name }: ObjectName): string =>
  `${plural} ${namespace === undefined ? name : `${namespace}/${name}`}`;
