import type { Json } from '../std/canonical-json.ts';

/** The part of a Pod that decisions look at. */
export interface PodLike {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
  readonly spec?: Json;
  readonly status?: { readonly phase?: string };
}

/** Whether its containers have ended for good. */
export const hasEnded = ({ status }: PodLike): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

const memberOf = (value: Json | undefined, member: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json | undefined })[member]
    : undefined;

/** The entries of a list; none where there is no list. */
export function itemsOf(value: Json | undefined, member: string): readonly Json[] {
  const items = memberOf(value, member);
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}

/** What lies at the end of a path. */
export const textAt = (value: Json, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(memberOf, value);
