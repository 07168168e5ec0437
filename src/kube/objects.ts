import type { Json } from '../std/canonical-json.ts';

/** `metadata` as we send it and read it. What only the server sets is optional; see `Stored`. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

/** Any object of the API. Fields beside the four that every object has are the business of who knows the kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object as the server answered it: it has an identity and a version, and may therefore be replaced. */
export type Stored<T extends KubeObject = KubeObject> = T & {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
};

/** Which fields somebody wrote: a tree whose members are named `f:<field>`. */
export interface ManagedFields {
  readonly manager?: string;
  /** When it wrote any of them last, by the server's clock. */
  readonly time?: string;
  readonly fieldsV1?: JsonObject;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** A part of an object that we own, as plain JSON: what an apply sends. */
export type JsonObject = { readonly [member: string]: Json | undefined };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether what a server answered has what identifies every stored object. Looks no further. */
export function isStored(value: unknown): value is Stored {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { name, uid, resourceVersion, namespace } = value['metadata'];
  return (
    isText(name) && isText(uid) && isText(resourceVersion) && (namespace === undefined || isText(namespace))
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
