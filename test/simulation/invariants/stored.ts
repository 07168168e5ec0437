import type { TenantScope } from '../../../src/api/tenant-scope.ts';
import type { KubeObject, Stored } from '../../../src/kube/objects.ts';

/** Objects as they are stored: durations are text. */
export type StoredSecret = Stored<
  KubeObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> }
>;
export type StoredScope = Stored<KubeObject & Pick<TenantScope, 'spec'>>;
export type StoredClient = Stored<Conditioned & { readonly spec: { readonly scopes: readonly string[] } }>;
export type StoredBinding = Stored<
  Conditioned & {
    readonly spec: {
      readonly token: { readonly scopes: readonly string[] };
      readonly clientRef: { readonly name: string };
      /** Left out for volumes alone. */
      readonly delivery?: object;
    };
    readonly status?: { readonly grant?: { readonly clientID: string; readonly scopes: readonly string[] } };
  }
>;
interface Conditioned extends KubeObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const isReady = ({ status }: Conditioned): boolean =>
  status?.conditions?.some((told) => told.type === 'Ready' && told.status === 'True') ?? false;

export const isToken = (secret: StoredSecret): boolean => secret.type === 'grantor.dev/token';

export const ownerOf = ({ metadata }: KubeObject): string | undefined => metadata.ownerReferences?.[0]?.uid;

/** One value of a Secret, decoded. */
export const valueOf = ({ data }: StoredSecret, key: string): string =>
  Buffer.from(data?.[key] ?? '', 'base64').toString();

interface Claims {
  readonly scope?: string;
}

/** The claims of the token in a Secret; objects of a version never change, so each is read once. */
export function claimsOf(secret: StoredSecret): Claims {
  const known = read.get(secret);
  if (known !== undefined) return known;
  const payload = Buffer.from(valueOf(secret, 'token').split('.')[1] ?? '', 'base64url').toString();
  const claims = JSON.parse(payload || '{}') as Claims;
  read.set(secret, claims);
  return claims;
}

const read = new WeakMap<StoredSecret, Claims>();
