import type { Selection } from '../../../src/kube/kube-client.ts';
import type { Stored } from '../../../src/kube/objects.ts';
import type { Revision } from './storage.ts';

/** `type=grantor.dev/token,metadata.name=x`: all have to be equal. */
const requirements = (selector: string | undefined): (readonly [string, string])[] =>
  (selector ?? '')
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const equals = term.indexOf('=');
      return [term.slice(0, equals), term.slice(equals + 1)];
    });

/** The value of a field by its path, as a field selector names it. */
const fieldOf = (object: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, member) => (value as Record<string, unknown> | undefined)?.[member], object);

/** Whether an object is one of those that a list or watch asked for. */
export function matcherOf(selection: Selection): (object: Stored) => boolean {
  const fields = requirements(selection.fieldSelector);
  const labels = requirements(selection.labelSelector);
  return (object) =>
    (selection.namespace === undefined || object.metadata.namespace === selection.namespace) &&
    fields.every(([path, value]) => fieldOf(object, path) === value) &&
    labels.every(([label, value]) => object.metadata.labels?.[label] === value);
}

/** As much of an object as was asked for. */
export const viewOf = (object: Stored, { metadataOnly }: Selection): Stored =>
  metadataOnly
    ? { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: object.metadata }
    : object;

/** What a change is to somebody who sees only some of the objects: one that leaves the selection is deleted for them. */
export function eventOf(
  { previous, current, version }: Revision,
  matches: (object: Stored) => boolean,
): { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored } | undefined {
  const before = previous !== undefined && matches(previous);
  const after = current !== undefined && matches(current);
  if (current !== undefined && after) return { type: before ? 'MODIFIED' : 'ADDED', object: current };
  if (previous === undefined || !before) return undefined;
  const metadata = { ...previous.metadata, resourceVersion: String(version) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}
