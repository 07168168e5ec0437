import type { ObjectMeta } from '../kube/objects.ts';
import { type Instant, instantIn, latest } from '../std/instant.ts';

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

/** When we last wrote anything of an object, by the server's clock. */
export function lastWrite({ managedFields = [] }: ObjectMeta): Instant | undefined {
  const times = managedFields
    .filter(({ manager }) => manager === fieldManager)
    .map(({ time }) => instantIn(time))
    .filter((time) => time !== undefined);
  return times.length === 0 ? undefined : latest(...times);
}
