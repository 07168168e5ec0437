import { describe, test } from 'vitest';

/* What does not apply to a kind of issuer is not declared: a test that is skipped would be one that is missing. */

/** Declares a test where it applies. */
export const testWhere =
  (applies: boolean) =>
  (name: string, body: () => Promise<void>): void => {
    if (applies) test(name, body);
  };

/** Declares tests where they apply. */
export const describeWhere =
  (applies: boolean) =>
  (name: string, body: () => void): void => {
    if (applies) describe(name, body);
  };
