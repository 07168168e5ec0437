import * as z from 'zod';
import { withRule } from './rule.ts';

type Members = Readonly<Record<string, z.ZodType>>;

/** One of the members, and then none of the others. */
type ExactlyOne<M extends Members> = {
  [Chosen in keyof M]: { [K in Chosen]: z.output<M[K]> } & { [K in Exclude<keyof M, Chosen>]?: never };
}[keyof M];

/**
 * A choice, written as an object with one member: `driver: { static: {} }`. Only CEL says it in words; `minProperties` and
 * `maxProperties` would answer first, and not helpfully.
 */
export function exactlyOne<M extends Members>(members: M, message: string) {
  const names = Object.keys(members);
  const optional = Object.fromEntries(names.map((name) => [name, members[name]?.optional()]));
  const present = (value: object) => names.filter((name) => name in value);
  const choice = withRule(z.object(optional as Record<string, z.ZodType>), {
    cel: `[${names.map((name) => `has(self.${name})`).join(', ')}].filter(present, present).size() == 1`,
    message,
    holds: (value) => present(value).length === 1,
  });
  return choice.transform((value) => value as unknown as ExactlyOne<M>);
}
