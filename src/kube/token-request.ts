import { toSeconds } from '../std/duration.ts';
import { parseInstant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import type { KubeClient, ServiceAccountToken } from './kube-client.ts';
import type { KubeFailure } from './kube-failure.ts';
import { objectPath, type ResourceKind } from './resource-path.ts';
import type { Transport } from './transport.ts';

const serviceAccounts: ResourceKind = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};

/** No ServiceAccount token comes near this; a header with more would be refused anyway. */
const longestToken = 16 * 1024;

/** `KubeClient.requestToken` (authentication.k8s.io/v1 TokenRequest). */
export function createTokenRequest(transport: Transport): KubeClient['requestToken'] {
  return async (serviceAccount, { uid, audiences, expiration, signal, timeout }) => {
    const path = objectPath(serviceAccounts, serviceAccount, 'token');
    if (!path.ok) return path;
    const answer = await transport.call({
      method: 'POST',
      path: path.value,
      query: { fieldValidation: 'Strict' },
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { uid },
        spec: { audiences, expirationSeconds: toSeconds(expiration) },
      },
      signal,
      timeout,
    });
    return answer.ok ? readToken(answer.value, path.value) : answer;
  };
}

function readToken(body: unknown, path: string): Result<ServiceAccountToken, KubeFailure> {
  const status = (body as { status?: Record<string, unknown> } | null)?.status;
  const { token, expirationTimestamp } = status ?? {};
  const expiresAt = parseInstant(typeof expirationTimestamp === 'string' ? expirationTimestamp : '');
  if (typeof token !== 'string' || token === '' || token.length > longestToken || !expiresAt.ok) {
    return err({ kind: 'malformed', message: `${path}: the API server answered with no token` });
  }
  const keyID = keyIDOf(token);
  return ok({
    token: new Secret(token),
    expiresAt: expiresAt.value,
    ...(keyID === undefined ? {} : { keyID }),
  });
}

/** `kid` of a JWT's header (RFC 7515 section 4.1.4). */
function keyIDOf(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8'),
    );
    const { kid } = (header ?? {}) as { readonly kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
