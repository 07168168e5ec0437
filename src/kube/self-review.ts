import { instantIn } from '../std/instant.ts';
import { err, ok } from '../std/result.ts';
import type { KubeClient } from './kube-client.ts';
import type { Transport } from './transport.ts';

const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** `KubeClient.whoAmI` (authentication.k8s.io/v1 SelfSubjectReview). */
export function createSelfReview(transport: Transport): KubeClient['whoAmI'] {
  return async ({ signal, timeout } = {}) => {
    const answer = await transport.call({
      method: 'POST',
      path,
      query: { fieldValidation: 'Strict' },
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      signal,
      timeout,
    });
    if (!answer.ok) return answer;
    const { status, metadata } = (answer.value ?? {}) as {
      readonly metadata?: { readonly creationTimestamp?: string };
      readonly status?: { readonly userInfo?: { readonly username?: unknown } };
    };
    const username = status?.userInfo?.username;
    const at = instantIn(metadata?.creationTimestamp);
    return typeof username === 'string' && username !== ''
      ? ok(at === undefined ? { username } : { username, at })
      : err({ kind: 'malformed', message: `${path}: the API server answered with no user` });
  };
}
