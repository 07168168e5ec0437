/**
 * Whether a scope is covered by a pattern of a TenantScope: equal to it, or, where the pattern ends in `*`, beginning with what
 * stands before. The schema lets `*` follow a separator only, so `invoices.*` covers `invoices.read` but neither `invoices` nor
 * `invoicesx`, and a bare `*` does not exist.
 */
export function matchesScope(pattern: string, scope: string): boolean {
  if (!pattern.endsWith('*')) return pattern === scope;
  const prefix = pattern.slice(0, -1);
  return scope.length > prefix.length && scope.startsWith(prefix);
}

/** The scopes that none of the patterns covers. */
export const scopesOutside = (patterns: readonly string[], scopes: readonly string[]): string[] =>
  scopes.filter((scope) => !patterns.some((pattern) => matchesScope(pattern, scope)));

/** The values that are not in the list, compared as exact strings. */
export const outside = (allowed: readonly string[], values: readonly string[]): string[] =>
  values.filter((value) => !allowed.includes(value));
