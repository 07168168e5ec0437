import type { ClusterKey } from '../../domain/held-keys.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import type { KubeFailure } from '../../kube/kube-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';

/** Where an API server names the keys that its ServiceAccount tokens are signed with (KEP-1393). Every ServiceAccount may read it. */
const path = '/openid/v1/jwks';

/** A cluster has two keys, or three where somebody is in a hurry. */
const most = 16;

/** The keys that verify the ServiceAccount tokens of this cluster. None at all is no answer: every token would be refused. */
export async function readClusterKeys(
  kube: Pick<KubeClient, 'getPath'>,
  signal?: AbortSignal,
): Promise<Result<readonly ClusterKey[], KubeFailure>> {
  const answer = await kube.getPath(path, { signal });
  if (!answer.ok) return answer;
  const { keys } = (answer.value ?? {}) as { readonly keys?: unknown };
  const named = Array.isArray(keys) ? keys.filter(isNamed).slice(0, most) : [];
  return named.length > 0
    ? ok(named)
    : err({ kind: 'malformed', message: `${path}: the API server names no key` });
}

const isNamed = (key: unknown): key is ClusterKey =>
  key !== null && typeof key === 'object' && typeof (key as { kid?: unknown }).kid === 'string';
