import type { ObjectMeta } from '../kube/objects.ts';

/** Our name in `managedFields` of everything that the controller writes. */
export const fieldManager = 'grantor';

/**
 * Whether somebody else has written any value of a Secret of ours, or has taken out one of `keys`, which we wrote. Of a server that keeps
 * no `managedFields` nothing is known.
 */
export function isTampered({ managedFields = [] }: ObjectMeta, keys: readonly string[]): boolean {
  if (managedFields.length === 0) return false;
  const hands = managedFields.flatMap(({ manager, fieldsV1 }) => {
    const data = fieldsV1?.['f:data'];
    return data === undefined ? [] : [{ manager, data }];
  });
  const [ours] = hands;
  return (
    hands.some(({ manager }) => manager !== fieldManager) ||
    keys.some((key) => ours === undefined || !Object.hasOwn(Object(ours.data), `f:${key}`))
  );
}
