import { isDeepStrictEqual } from 'node:util';
import type { Identity } from '../../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../../src/kube/kube-failure.ts';
import type { KubeObject, ObjectMeta, Stored } from '../../../src/kube/objects.ts';
import type { ResourceKind } from '../../../src/kube/resource-path.ts';
import { ok, type Result } from '../../../src/std/result.ts';
import { traitsOf } from './kind-traits.ts';
import { refuse } from './refusal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Says which field the kind does not have: nothing is dropped in silence. */
export function knownFieldsOnly(kind: ResourceKind, object: KubeObject): Result<void, KubeFailure> {
  const known = ['apiVersion', 'kind', 'metadata', ...traitsOf(kind).fields];
  const unknown = Object.keys(object).find((field) => !known.includes(field));
  return unknown === undefined
    ? ok(undefined)
    : refuse('invalid', `strict decoding error: unknown field "${unknown}"`);
}

/** Says whether an object is the very version that a write relies on. What is left out is not looked at. */
export function expected<T extends KubeObject>(
  stored: Stored<T>,
  { uid, resourceVersion }: Partial<Identity>,
): Result<Stored<T>, KubeFailure> {
  const { metadata } = stored;
  if (uid !== undefined && uid !== metadata.uid) return refuse('conflict', `uid mismatch: ${metadata.uid}`);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    return refuse('conflict', 'the object has been modified');
  return ok(stored);
}

/** A Secret with `stringData` moved to where it is stored. */
export function withData<T extends KubeObject>(object: T): T {
  const { stringData, ...rest } = object as T & { readonly stringData?: Readonly<Record<string, string>> };
  if (stringData === undefined) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  const data = { ...((object as Fields)['data'] as object | undefined), ...Object.fromEntries(encoded) };
  return { ...rest, data } as unknown as T;
}

/**
 * What a change of `before` to `after` becomes: what only the server sets stays, the generation counts changes of all but metadata and
 * status. Refuses what the server refuses.
 */
export function changed<T extends KubeObject>(
  kind: ResourceKind,
  before: Stored<T>,
  after: T,
): Result<Stored<T>, KubeFailure> {
  const refusal = immutable(before, after) ?? newFinalizer(before.metadata, after.metadata);
  if (refusal !== undefined) return refuse('invalid', refusal);
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = before.metadata;
  const fromServer = Object.fromEntries(
    Object.entries({ uid, resourceVersion, generation, creationTimestamp, deletionTimestamp }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const next = { ...after, metadata: { ...after.metadata, ...fromServer } } as Stored<T>;
  if (!traitsOf(kind).hasGeneration || sameSpec(before, next)) return ok(next);
  return ok({ ...next, metadata: { ...next.metadata, generation: (generation ?? 0) + 1 } });
}

/** Whether a write changes nothing: then nothing is stored, and nobody is told. */
export const isSame = (before: Stored, after: Stored): boolean => isDeepStrictEqual(before, after);

const sameSpec = (before: object, after: object): boolean =>
  isDeepStrictEqual((before as Fields)['spec'], (after as Fields)['spec']);

function immutable(stored: KubeObject, wanted: KubeObject): string | undefined {
  const [before, after] = [stored as KubeObject & Fields, wanted as KubeObject & Fields];
  if (before.kind !== 'Secret') return undefined;
  if (after['type'] !== before['type']) return 'type: field is immutable';
  return before['immutable'] === true && !isDeepStrictEqual(before['data'], after['data'])
    ? 'data: field is immutable when `immutable` is set'
    : undefined;
}

function newFinalizer(before: ObjectMeta, { finalizers = [] }: ObjectMeta): string | undefined {
  if (before.deletionTimestamp === undefined) return undefined;
  const added = finalizers.find((finalizer) => !(before.finalizers ?? []).includes(finalizer));
  return (
    added && `metadata.finalizers: no new finalizers can be added if the object is being deleted: ${added}`
  );
}
