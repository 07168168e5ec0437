import * as z from 'zod';
import { text, withRule } from './rule.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** The name of an object in the cluster. */
export const objectName = () =>
  text(
    253,
    `^${label}(\\.${label})*$`,
    'write the name of an object: lower-case letters, digits, - and ., beginning and ending with a letter or digit',
  );

/** A reference to an object of a known kind: in the same namespace, or cluster-scoped. There is no `namespace` to write. */
export const nameRef = (what: string) => z.object({ name: objectName().describe(`Name of the ${what}.`) });

/** One key of a Secret or ConfigMap in Grantor's own namespace. */
export const keyRef = (what: 'Secret' | 'ConfigMap') =>
  z.object({
    name: objectName().describe(`Name of the ${what} in Grantor's own namespace.`),
    key: text(253, '^[-._a-zA-Z0-9]+$', `write a key of the ${what}: letters, digits, -, _ and .`).describe(
      `Key in the data of the ${what}.`,
    ),
  });

/**
 * A `scope-token` of RFC 6749 section 3.3. The RFC allows `*` in it; we don't, because some issuers read it as a wildcard, and a
 * ceiling could not tell.
 */
export const scopeToken = () =>
  text(
    128,
    '^[!#-)+-\\[\\]-~]+$',
    'write one scope: printable ASCII without spaces, quotation marks, backslashes or *',
  );

/** A scope, or a prefix that ends in a separator and `*`. */
export const scopePattern = () =>
  text(
    128,
    '^[!#-)+-\\[\\]-~]+([.:/_-]\\*)?$',
    'write a scope such as invoices.read, or a prefix such as invoices.* with * once, at the end, after one of . : / - _',
  );

/** What a token's `aud` is compared with, byte by byte. */
export const audience = () =>
  text(
    512,
    '^[!-)+-~]+$',
    'write one audience, exactly as in the token: printable ASCII without spaces or *',
  );

/** A port in a URL, 0 to 65535, as part of an expression. */
export const port = '([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** Where a server is: https, with neither user, query nor fragment. */
export const httpsURL = (message: string) =>
  text(
    512,
    // `&-;` is the run of ASCII from & to ; with the digits and most punctuation of a path in it.
    `^https://([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:.]+\\])(:${port})?(/[A-Za-z0-9!$%&-;=@_~]*)?$`,
    message,
  );

/** A role as it appears in a token's `roles`. */
export const role = () =>
  text(
    64,
    '^[A-Za-z0-9]([-._:/A-Za-z0-9]*[A-Za-z0-9])?$',
    'write one role: letters, digits and - . _ : / in between; there are no wildcards',
  );

interface Bounds {
  readonly min?: number;
  readonly max: number;
}

/** A list in which nothing occurs twice. */
export const listSet = <Item extends z.ZodType<string>>(item: Item, bounds: Bounds) =>
  boundedList(item, bounds)
    .refine(allDiffer, { message: 'nothing may be listed twice' })
    .meta({ 'x-kubernetes-list-type': 'set' });

/** A list of objects of which each has its own value of `key`, so that several people can apply parts of it. */
export const listMap = <Item extends z.ZodType<object>>(item: Item, key: string, bounds: Bounds) =>
  boundedList(item, bounds)
    .refine((values) => allDiffer(values.map((value) => Reflect.get(value, key))), {
      message: `no two entries may have the same ${key}`,
    })
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });

function boundedList<Item extends z.ZodType>(item: Item, { min = 0, max }: Bounds) {
  const list = z.array(item).max(max);
  return min > 0 ? list.min(min) : list;
}

const allDiffer = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

/** A map with a bound on its size, and a rule for its keys. */
export function boundedMap<Value extends z.ZodType<string>>(
  value: Value,
  {
    max,
    keyLength,
    keyPattern,
    message,
  }: { max: number; keyLength: number; keyPattern: string; message: string },
) {
  const expression = new RegExp(keyPattern);
  const map = z.record(z.string(), value).meta({ maxProperties: max });
  const limited = map.refine((entries) => Object.keys(entries).length <= max, {
    message: `at most ${max} entries`,
    abort: true,
  });
  return withRule(limited, {
    cel: `self.all(key, size(key) <= ${keyLength} && key.matches(r'${keyPattern}'))`,
    message,
    holds: (entries) => Object.keys(entries).every((key) => key.length <= keyLength && expression.test(key)),
  });
}
