import * as z from 'zod';

/** One validation, said twice: in CEL for the API server, in TypeScript for our decoder. A test feeds samples to both. */
export interface Rule<T> {
  /** CEL over `self`, in the subset that needs no library of Kubernetes' own. */
  readonly cel: string;
  /** A sentence that says what to write instead. */
  readonly message: string;
  readonly holds: (value: T) => boolean;
}

/** An entry of `x-kubernetes-validations`. */
interface Validation {
  readonly rule: string;
  readonly message: string;
}

const validations = 'x-kubernetes-validations';

/** Adds a rule to a schema, in both languages. */
export function withRule<S extends z.ZodType>(schema: S, { cel, message, holds }: Rule<z.output<S>>): S {
  return withValidation(schema.refine(holds, { message, abort: true }), { rule: cel, message });
}

/**
 * Adds what only the API server can judge: a rule about a change (`oldSelf`). It belongs on a parent that is always there, since
 * the server skips it where there is no old value.
 */
export function withValidation<S extends z.ZodType>(schema: S, validation: Validation): S {
  const earlier = (schema.meta()?.[validations] ?? []) as readonly Validation[];
  return schema.meta({ [validations]: [...earlier, validation] });
}

/** Text of which every character counts: `pattern` is anchored, within RE2 (no look-around), and has no single quote. */
export function text(maxLength: number, pattern: string, message: string): z.ZodString {
  const expression = new RegExp(pattern);
  return withRule(z.string().max(maxLength), {
    cel: `self.matches(r'${pattern}')`,
    message,
    holds: (value) => expression.test(value),
  });
}
