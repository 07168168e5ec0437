import type { KubeObject, ManagedFields, ObjectMeta } from '../../../src/kube/objects.ts';

type Data = Readonly<Record<string, unknown>>;
type WithData = KubeObject & { readonly data?: Data };

/**
 * Who wrote which value of `data`, after `manager` has written all of an object: what it changed is its own, what it left as it was
 * remains whose it was, and as old. Of other fields, and of several who say the same, no account is kept.
 */
export function managedBy(
  { manager, time }: { readonly manager: string; readonly time: string },
  after: WithData,
  before?: WithData,
): Pick<ObjectMeta, 'managedFields'> {
  const owners = new Map<string, Record<string, object>>();
  const keptSince = new Map(before?.metadata.managedFields?.map((entry) => [entry.manager, entry.time]));
  const changed = Object.keys({ ...before?.data, ...after.data }).some(
    (key) => before?.data?.[key] !== after.data?.[key],
  );
  for (const [key, value] of Object.entries(after.data ?? {})) {
    const isKept = before?.data?.[key] === value;
    const owner = (isKept ? before && ownerOf(before, key) : undefined) ?? manager;
    owners.set(owner, { ...owners.get(owner), [`f:${key}`]: {} });
  }
  if (owners.size === 0) return {};
  return {
    managedFields: Array.from(owners, ([name, fields]) => ({
      manager: name,
      time: (name === manager && changed ? undefined : keptSince.get(name)) ?? time,
      fieldsV1: { 'f:data': fields },
    })) as readonly ManagedFields[],
  };
}

const ownerOf = ({ metadata: { managedFields = [] } }: WithData, key: string): string | undefined =>
  managedFields.find(({ fieldsV1 }) => Object.hasOwn(Object(fieldsV1?.['f:data']), `f:${key}`))?.manager;
