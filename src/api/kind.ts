import type * as z from 'zod';
import type { ConditionType } from './conditions.ts';
import type { metadata } from './metadata.ts';
import type { PrinterColumn } from './printer-column.ts';

const group = 'grantor.dev' as const;
const version = 'v1alpha1' as const;
export const apiVersion = `${group}/${version}` as const;

/** A kind of the API: types, decoder, CustomResourceDefinition and reference all come from this one definition. */
export interface Kind {
  readonly group: typeof group;
  readonly version: typeof version;
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly namespaced: boolean;
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly conditions: readonly ConditionType[];
  readonly spec: z.ZodType<object>;
  readonly status: z.ZodType<object>;
}

/** Completes a definition with what is the same for all kinds. */
export const defineKind = <const D extends Omit<Kind, 'group' | 'version'>>(definition: D) => ({
  ...definition,
  group,
  version,
});

/** An object of a kind as `decode` gives it: defaults filled in, durations as `Duration`, nothing to be changed in place. */
export interface ObjectOf<K extends Kind> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: K['kind'];
  readonly metadata: DeepReadonly<z.output<typeof metadata>> &
    (K['namespaced'] extends true ? { readonly namespace: string } : unknown);
  readonly spec: DeepReadonly<z.output<K['spec']>>;
  readonly status?: DeepReadonly<z.output<K['status']>>;
}

/** As decoded: never changed, and what is optional is absent or has a value, since JSON has no `undefined`. */
export type DeepReadonly<T> = T extends string | number | boolean
  ? T
  : { readonly [K in keyof T]: DeepReadonly<Exclude<T[K], undefined>> };
