import { secretKind } from '../../kube/core-kinds.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';

interface Home {
  readonly kube: Pick<KubeClient, 'get'>;
  /** Grantor's own. */
  readonly namespace: string;
}

/** A credential of Grantor's at an issuer. It is read when it is used, which is rare, so that one that was replaced is used at once. */
export async function readOwnSecret(
  { kube, namespace }: Home,
  { name, key }: { readonly name: string; readonly key: string },
  field: string,
): Promise<Result<Secret, IssuerFailure>> {
  const found = await kube.get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
    secretKind,
    { namespace, name },
  );
  const encoded = found.ok ? found.value.data?.[key] : undefined;
  if (encoded !== undefined) return ok(new Secret(Buffer.from(encoded, 'base64').toString('utf8').trim()));
  const problem = found.ok ? `has no key ${key}` : `cannot be read: ${found.error.message}`;
  // Either way the issuer was not asked. Only what a person has to mend is said of the credential.
  const isMissing = found.ok || found.error.kind === 'notFound' || found.error.kind === 'forbidden';
  return err({
    kind: isMissing ? 'unauthorized' : 'unavailable',
    sent: false,
    detail: `${field}: Secret ${namespace}/${name} ${problem}`,
  });
}
