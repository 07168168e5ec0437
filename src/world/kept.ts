import { decode } from '../api/decode.ts';
import type { Kind, ObjectOf } from '../api/kind.ts';
import type { Condition, KubeObject, Stored } from '../kube/objects.ts';
import type { StoreRecord } from '../runtime/store.ts';
import { createInterner } from '../std/interner.ts';

/** An object of ours, as far as its status goes. */
export interface ConditionedObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
  };
  readonly status?:
    | {
        readonly conditions?: readonly Pick<Condition, keyof Condition>[] | undefined;
      }
    | undefined;
}

/** One of our kinds as a store keeps it: decoded, or with what is wrong with it. A malformed object harms only itself. */
export interface Kept<T> extends StoreRecord {
  readonly object: T | undefined;
  readonly malformed: Malformed | undefined;
}

/** Enough of an object that could not be read to tell it so. */
export type Malformed = ConditionedObject & { readonly problem: string };

/** Where an object is and which version of it: what every record of a store begins with. */
export const identityOf = ({ metadata }: Stored): StoreRecord => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
});

/** What bindings of one client have alike. */
const alike = new Set(['grant', 'token', 'rotation', 'violations']);

/** The transform of an informer for one of our kinds. */
export function keep<K extends Kind>(kind: K): (raw: Stored) => Kept<ObjectOf<K>> {
  const intern = createInterner(alike);
  return (raw) => {
    const decoded = decode(kind, raw);
    if (decoded.ok) intern(decoded.value);
    return {
      ...identityOf(raw),
      object: decoded.ok ? decoded.value : undefined,
      malformed: decoded.ok ? undefined : malformed(kind, raw, decoded.error),
    };
  };
}

function malformed(
  kind: Kind,
  raw: Stored<KubeObject & { readonly status?: unknown }>,
  problem: string,
): Malformed {
  const { name, namespace, uid, resourceVersion, generation = 0 } = raw.metadata;
  const status = kind.status.safeParse(raw.status);
  return {
    problem,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, generation },
    ...(status.success ? { status: status.data } : {}),
  };
}
