import { kinds } from '../../src/api/kinds.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, ObjectMeta } from '../../src/kube/objects.ts';
import { listAll } from '../e2e/clear-cluster.ts';
import { secretKind, serviceAccountKind } from '../e2e/objects.ts';
import { tenantA } from './answers.ts';

/** Each object that is not A's, with its version: the same ones again mean that nobody touched anything. */
export async function versionsBeyondA(kube: KubeClient): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    [...kinds, secretKind, serviceAccountKind].map(async (kind) => {
      const objects = await listAll<KubeObject>(kube, kind);
      return objects
        .filter(({ metadata }) => !isOfA(metadata))
        .map(({ metadata: { namespace = '', name, resourceVersion } }): [string, string] => [
          `${kind.kind} ${namespace}/${name}`,
          resourceVersion,
        ]);
    }),
  );
  return Object.fromEntries(found.flat());
}

/** Its TenantScope counts its objects, and what Grantor keeps of its clients is in Grantor's namespace. */
const isOfA = ({ namespace, name, annotations = {} }: ObjectMeta): boolean =>
  namespace === tenantA || name === tenantA || annotations['grantor.dev/client-namespace'] === tenantA;
