import { err, ok, type Result } from '../std/result.ts';
import type { KubeFailure } from './kube-failure.ts';

/** A kind as the API's paths name it. `group` is empty for the core group. */
export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Which object. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

/** What `apiVersion` says in objects of this kind. */
export const apiVersionOf = (kind: ResourceKind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

/** The path of all objects of a kind, in one namespace or in all. */
export function collectionPath(kind: ResourceKind, namespace?: string): Result<string, KubeFailure> {
  const root = kind.group === '' ? ['api', kind.version] : ['apis', kind.group, kind.version];
  if (namespace === undefined) return joinPath([...root, kind.plural]);
  if (!kind.namespaced)
    return invalid(`${kind.plural} have no namespace, but "${shorten(namespace)}" was given`);
  return joinPath([...root, 'namespaces', namespace, kind.plural]);
}

/** The path of one object, or of one of its subresources. */
export function objectPath(
  kind: ResourceKind,
  at: ObjectName,
  subresource?: string,
): Result<string, KubeFailure> {
  if (kind.namespaced && at.namespace === undefined) {
    return invalid(`${kind.plural} "${shorten(at.name)}" needs a namespace`);
  }
  const collection = collectionPath(kind, at.namespace);
  if (!collection.ok) return collection;
  const rest = joinPath(subresource === undefined ? [at.name] : [at.name, subresource]);
  return rest.ok ? ok(collection.value + rest.value) : rest;
}

/** Whoever wrote the names, the result has exactly these segments: encoded, and never empty, `.` or `..`. */
function joinPath(segments: readonly string[]): Result<string, KubeFailure> {
  for (const segment of segments) {
    if (
      segment === '' ||
      segment === '.' ||
      segment === '..' ||
      !segment.isWellFormed() ||
      segment.length > 253
    ) {
      return invalid(`"${shorten(segment)}" can't be part of a path`);
    }
  }
  return ok(segments.map((segment) => `/${encodeURIComponent(segment)}`).join(''));
}

const shorten = (text: string): string => text.slice(0, 63).toWellFormed();

const invalid = (message: string): Result<never, KubeFailure> => err({ kind: 'invalid', message });
