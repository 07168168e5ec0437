import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { TokenSecret } from '../domain/binding-facts.ts';
import type { TokenLife } from '../domain/rotation.ts';
import type { ObjectMeta } from '../kube/objects.ts';
import { formatInstant, parseInstant } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';
import { isTampered } from './other-hands.ts';
import { decodeValue, encodeData, managedByUs, ownedBy, type SecretManifest } from './secret-manifest.ts';
import { type DeliveredToken, tokenFileNames, tokenFiles } from './token-files.ts';

const annotation = {
  issuedAt: 'grantor.dev/issued-at',
  expiresAt: 'grantor.dev/expires-at',
  dueAt: 'grantor.dev/due-at',
  generation: 'grantor.dev/generation',
  grantHash: 'grantor.dev/grant-hash',
  /** Left out for bearer tokens, which most are. */
  tokenType: 'grantor.dev/token-type',
} as const;

/** The Secret that a binding delivers to. Its annotations are all the schedule there is: a restart reads them back. */
export function tokenSecretManifest(
  binding: WorkloadIdentityBinding,
  name: string,
  delivered: DeliveredToken & TokenLife & { readonly grantHash: string },
): SecretManifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'grantor.dev/token',
    metadata: {
      name,
      namespace: binding.metadata.namespace,
      labels: managedByUs,
      ...ownedBy(binding, {
        [annotation.issuedAt]: formatInstant(delivered.issuedAt),
        [annotation.expiresAt]: formatInstant(delivered.expiresAt),
        ...(delivered.dueAt === undefined ? {} : { [annotation.dueAt]: formatInstant(delivered.dueAt) }),
        [annotation.generation]: String(delivered.generation),
        [annotation.grantHash]: delivered.grantHash,
        ...(delivered.tokenKey ? { [annotation.tokenType]: delivered.tokenType } : {}),
      }),
    },
    data: encodeData(tokenFiles(delivered)),
  };
}

/** The token in a Secret; undefined where there is none. */
export function readToken({
  data,
}: {
  readonly data?: Readonly<Record<string, unknown>>;
}): Secret | undefined {
  const token = decodeValue(data, 'token');
  return token === undefined || token === '' ? undefined : new Secret(token);
}

/** Whether what is in the Secret is not, or not only, what we delivered. */
export function isTokenTampered(metadata: ObjectMeta): boolean {
  const isBound = metadata.annotations?.[annotation.tokenType] !== undefined;
  return isTampered(metadata, isBound ? [...tokenFileNames, 'dpop.jwk'] : tokenFileNames);
}

/** Reads back from a Secret's metadata what was delivered; nothing where any part is missing or unreadable. */
export function readDelivered({ annotations = {} }: ObjectMeta): TokenSecret['delivered'] {
  const issuedAt = parseInstant(annotations[annotation.issuedAt] ?? '');
  const expiresAt = parseInstant(annotations[annotation.expiresAt] ?? '');
  const generation = Number(annotations[annotation.generation]);
  const grantHash = annotations[annotation.grantHash];
  if (!issuedAt.ok || !expiresAt.ok || grantHash === undefined) return undefined;
  if (!Number.isSafeInteger(generation) || generation < 1) return undefined;
  // It shapes the next renewal only; a token whose Secret does not tell it came on time.
  const dueAt = parseInstant(annotations[annotation.dueAt] ?? '');
  const life = { issuedAt: issuedAt.value, expiresAt: expiresAt.value, generation, grantHash };
  return dueAt.ok ? { ...life, dueAt: dueAt.value } : life;
}
