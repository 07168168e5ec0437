import type { DeleteOptions, Identity, MetadataPatch } from '../../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../../src/kube/kube-failure.ts';
import type { JsonObject, KubeObject, ObjectMeta, Stored } from '../../../src/kube/objects.ts';
import type { ObjectName, ResourceKind } from '../../../src/kube/resource-path.ts';
import type { Clock } from '../../../src/std/clock.ts';
import { formatInstant } from '../../../src/std/instant.ts';
import { ok, type Result } from '../../../src/std/result.ts';
import type { Rng } from '../../../src/std/rng.ts';
import { changed, expected, isSame, knownFieldsOnly, withData } from './admission.ts';
import { traitsOf } from './kind-traits.ts';
import { managedBy } from './managed-fields.ts';
import { refuse } from './refusal.ts';
import type { Storage } from './storage.ts';

type Written<T extends KubeObject> = Result<Stored<T>, KubeFailure>;

/** What the writing verbs do to the storage, all at once: preconditions first, then what only a server sets. */
export class ObjectWrites {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #rng: Rng;
  /** Members of `status` that were applied last, by UID: an apply that leaves one out removes it. */
  readonly #applied = new Map<string, readonly string[]>();

  constructor(storage: Storage, clock: Clock, rng: Rng) {
    this.#storage = storage;
    this.#clock = clock;
    this.#rng = rng;
  }

  create<T extends KubeObject>(kind: ResourceKind, object: T, manager: string): Written<T> {
    const known = knownFieldsOnly(kind, object);
    if (!known.ok) return known;
    const { name, namespace } = object.metadata;
    if (this.#storage.get(kind.plural, object.metadata))
      return refuse('alreadyExists', `${kind.plural} "${name}" already exists`);
    const home = namespace === undefined ? undefined : this.#storage.get('namespaces', { name: namespace });
    if (home?.metadata.deletionTimestamp !== undefined)
      return refuse('forbidden', `namespace ${namespace} is being terminated`);
    const metadata = {
      ...object.metadata,
      ...managedBy({ manager, time: formatInstant(this.#clock.now()) }, withData(object)),
      uid: this.#rng.uuid(),
      resourceVersion: '',
      creationTimestamp: formatInstant(this.#clock.now()),
      ...(traitsOf(kind).hasGeneration ? { generation: 1 } : {}),
    };
    const stored = { ...withData(object), metadata };
    // A custom resource's status is not for who writes the resource.
    if (traitsOf(kind).hasGeneration) Reflect.deleteProperty(stored, 'status');
    return ok(this.#storage.put(kind.plural, stored) as Stored<T>);
  }

  replace<T extends KubeObject>(kind: ResourceKind, object: Stored<T>, manager: string): Written<T> {
    const known = knownFieldsOnly(kind, object);
    const found = known.ok ? this.#expected<T>(kind, object.metadata, object.metadata) : known;
    if (!found.ok) return found;
    const { status } = found.value as { readonly status?: unknown };
    const kept = traitsOf(kind).hasGeneration && status !== undefined ? { status } : {};
    const next = withData(object);
    const by = { manager, time: formatInstant(this.#clock.now()) };
    const metadata = { ...object.metadata, ...managedBy(by, next, found.value) };
    return this.#change(kind, found.value, { ...next, ...kept, metadata });
  }

  patchMetadata<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Identity,
    patch: MetadataPatch,
  ): Written<T> {
    const found = this.#expected<T>(kind, at, at);
    if (!found.ok) return found;
    const { labels, annotations, ...rest } = patch;
    const before: ObjectMeta = found.value.metadata;
    const metadata = {
      ...before,
      ...rest,
      ...(labels ? { labels: merged(before.labels, labels) } : {}),
      ...(annotations ? { annotations: merged(before.annotations, annotations) } : {}),
    };
    return this.#change(kind, found.value, { ...found.value, metadata });
  }

  /** As far as an apply by the only one who applies goes: who owns which field is not kept. */
  apply<T extends KubeObject>(kind: ResourceKind, object: T, manager: string): Written<T> {
    const found = this.#storage.get<T>(kind.plural, object.metadata);
    if (found === undefined)
      return object.metadata.uid === undefined
        ? this.create(kind, object, manager)
        : refuse('conflict', 'uid mismatch');
    const fits = expected(found, object.metadata);
    if (!fits.ok) return fits;
    return this.#change(kind, found, {
      ...found,
      ...withData(object),
      metadata: { ...found.metadata, ...object.metadata },
    });
  }

  applyStatus<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Pick<Identity, 'resourceVersion'>,
    status: JsonObject,
  ): Written<T> {
    const { resourceVersion } = at;
    const found = this.#expected<T & { readonly status?: JsonObject }>(kind, at, { resourceVersion });
    if (!found.ok) return found;
    const { uid } = found.value.metadata;
    const applied = Object.keys(status).filter((member) => status[member] !== undefined);
    const leftOut = (this.#applied.get(uid) ?? []).filter((member) => !applied.includes(member));
    this.#applied.set(uid, applied);
    const others = Object.entries(found.value.status ?? {}).filter(([member]) => !leftOut.includes(member));
    const ours = applied.map((member) => [member, status[member]] as const);
    return this.#change(kind, found.value, {
      ...found.value,
      status: Object.fromEntries([...others, ...ours]),
    });
  }

  delete(
    kind: ResourceKind,
    at: ObjectName,
    preconditions: Pick<DeleteOptions, 'uid' | 'resourceVersion'>,
  ): Result<void, KubeFailure> {
    const found = this.#expected(kind, at, preconditions);
    if (!found.ok) return found;
    const { metadata } = found.value;
    // Namespaces go when everything in them has gone; no controller runs here that would see to it.
    const stays = kind.plural === 'namespaces' || (metadata.finalizers ?? []).length > 0;
    if (!stays) this.#storage.remove(kind.plural, at);
    else if (metadata.deletionTimestamp === undefined) {
      const deletionTimestamp = formatInstant(this.#clock.now());
      const bumped = metadata.generation === undefined ? {} : { generation: metadata.generation + 1 };
      this.#storage.put(kind.plural, {
        ...found.value,
        metadata: { ...metadata, ...bumped, deletionTimestamp },
      });
    }
    return ok(undefined);
  }

  #expected<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName,
    identity: Partial<Identity>,
  ): Written<T> {
    const found = this.#storage.get<T>(kind.plural, at);
    return found === undefined
      ? refuse('notFound', `${kind.plural} "${at.name}" not found`)
      : expected(found, identity);
  }

  /** Stores a change, if it is one. With its last finalizer an object that is being deleted goes. */
  #change<T extends KubeObject>(kind: ResourceKind, before: Stored<T>, after: T): Written<T> {
    const next = changed(kind, before, after);
    if (!next.ok || isSame(before, next.value)) return next;
    const stored = this.#storage.put(kind.plural, next.value) as Stored<T>;
    const { deletionTimestamp, finalizers = [] } = next.value.metadata;
    const wasHeld = (before.metadata.finalizers ?? []).length > 0;
    if (deletionTimestamp !== undefined && wasHeld && finalizers.length === 0)
      this.#storage.remove(kind.plural, after.metadata);
    return ok(stored);
  }
}

const merged = (
  before: Readonly<Record<string, string>> | undefined,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...before, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
