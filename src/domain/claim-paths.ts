import type { Json } from '../std/canonical-json.ts';

/** The payload of a token. */
export interface Claims {
  readonly [claim: string]: Json;
}

/** Where an issuer keeps claims that do not stand under their own name at the top, as JSON Pointers (RFC 6901). */
export type ClaimPaths = Readonly<Record<string, string>>;

/** The value at a pointer. Members only: a place in a list would be the right one by the luck of its order. */
function claimAt(claims: Claims, pointer: string): Json | undefined {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<Json | undefined>(
    (value, step) => memberOf(value, step.replaceAll('~1', '/').replaceAll('~0', '~')),
    claims,
  );
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined;
}

/** The path of a claim, where it has one. */
const pathOf = (paths: ClaimPaths, name: string): string | undefined =>
  Object.hasOwn(paths, name) ? paths[name] : undefined;

/** Where a claim is looked for: its pointer, its own name without one. For messages. */
export const placeOf = (paths: ClaimPaths, name: string): string => pathOf(paths, name) ?? name;

/** A claim where the issuer keeps it. */
export function claimOf(claims: Claims, paths: ClaimPaths, name: string): Json | undefined {
  const path = pathOf(paths, name);
  return path === undefined ? memberOf(claims, name) : claimAt(claims, path);
}

/**
 * Everything that a token says under the name of a claim: where the issuer keeps it, and at the top as well. A resource server may read
 * either, so a path never hides what stands beside it.
 */
export function saidOf(claims: Claims, paths: ClaimPaths, name: string): readonly Json[] {
  const path = pathOf(paths, name);
  const said = [memberOf(claims, name), path === undefined ? undefined : claimAt(claims, path)];
  return said.filter((value) => value !== undefined);
}
