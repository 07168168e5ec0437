import type { KubeObject, ObjectMeta, OwnerReference } from '../kube/objects.ts';

/** A Secret as it is written: all values in base64, as the API wants them. */
export interface SecretManifest extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly type: SecretType;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * The types of our Secrets. A type cannot be changed after creation, so that no Secret of ours turns into another's or the other way
 * round, and a watch by type sees all of ours and nothing else.
 */
export type SecretType = 'grantor.dev/token' | 'grantor.dev/client' | 'grantor.dev/registration';

/** Values of a Secret's `data`, encoded. */
export const encodeData = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

/** One value of a Secret's `data`, decoded; undefined where it is absent. */
export function decodeValue(
  data: Readonly<Record<string, unknown>> | undefined,
  key: string,
): string | undefined {
  const value = data?.[key];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}

/** The UID of the controlling owner, if it is of this kind. */
export const ownerUID = (metadata: ObjectMeta, kind: string): string | undefined =>
  metadata.ownerReferences?.find((owner) => owner.controller === true && owner.kind === kind)?.uid;

/** A reference that makes `owner` the controlling owner: the garbage collector removes the Secret after it. */
export const controlledBy = (owner: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: false,
});

export const managedByUs = { 'app.kubernetes.io/managed-by': 'grantor' } as const;
