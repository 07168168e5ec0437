const integer = /^(0|[1-9][0-9]{0,38})$/;

/**
 * Whether `a` is an older version than `b` of the same kind of object, or undefined if they can't be compared. Resource versions
 * are integers of any length (KEP-5504); servers that write anything else get no promise from us.
 */
export function isOlder(a: string, b: string): boolean | undefined {
  if (!integer.test(a) || !integer.test(b)) return undefined;
  return a.length === b.length ? a < b : a.length < b.length;
}
