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

/** Whom a Secret was made for: `kind/name/uid`. */
const madeFor = 'grantor.dev/owner';

type Owner = Pick<OwnerReference, 'name' | 'uid'>;

/** The object of this kind that a Secret belongs to. */
export function ownerOf(
  { ownerReferences = [], annotations = {} }: ObjectMeta,
  kind: string,
): Owner | undefined {
  const reference = ownerReferences.find((owner) => owner.controller === true && owner.kind === kind);
  if (reference !== undefined) return reference;
  const [owningKind, name, uid] = (annotations[madeFor] ?? '').split('/');
  return owningKind === kind && name && uid ? { name, uid } : undefined;
}

/**
 * What makes `owner` the controlling owner: the garbage collector removes the Secret after it. Where somebody has it orphan what it owns,
 * the reference is taken off, and the annotation is what still says whose token nobody may keep.
 */
export const ownedBy = (
  {
    apiVersion,
    kind,
    metadata: { name, uid },
  }: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: Owner;
  },
  annotations: NonNullable<ObjectMeta['annotations']>,
): Pick<ObjectMeta, 'annotations' | 'ownerReferences'> => ({
  annotations: { ...annotations, [madeFor]: `${kind}/${name}/${uid}` },
  ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: false }],
});

export const managedByUs = { 'app.kubernetes.io/managed-by': 'grantor' } as const;
