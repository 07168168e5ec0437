import { err, ok, type Result } from '../std/result.ts';
import type { CallOptions } from './kube-client.ts';
import type { KubeFailure } from './kube-failure.ts';
import type { Transport } from './transport.ts';

/** Something that somebody may or may not do, in RBAC's words. */
export interface AccessQuestion {
  readonly verb: string;
  /** The core group is ''. */
  readonly group?: string;
  /** `pods/log` names a subresource. */
  readonly resource?: string;
  readonly name?: string;
  /** All namespaces, if none is named. */
  readonly namespace?: string;
  /** Instead of a resource. */
  readonly nonResourceURL?: string;
  /** Whom it is about; whoever asks, if nobody is named. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** What tools for people ask of an API server, and controllers never do. */
export interface PeoplesCalls {
  /** Whether somebody may do this (authorization.k8s.io/v1). To ask about others takes a right of its own. */
  mayDo(question: AccessQuestion, options?: CallOptions): Promise<Result<boolean, KubeFailure>>;
  /** A text, such as the log of a pod: of a longer one than `limit` bytes `tooLarge`. */
  readText(
    path: string,
    query: Readonly<Record<string, string>>,
    limit: number,
    options?: CallOptions,
  ): Promise<Result<string, KubeFailure>>;
}

export function createPeoplesCalls(transport: Transport): PeoplesCalls {
  return {
    async mayDo(question, options) {
      const kind = question.serviceAccount === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
      const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
      const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec: specOf(question) };
      const answer = await transport.call({ method: 'POST', path, body, ...options });
      if (!answer.ok) return answer;
      const { allowed } = ((answer.value as { status?: unknown } | null)?.status ?? {}) as {
        allowed?: unknown;
      };
      if (typeof allowed === 'boolean') return ok(allowed);
      return err({ kind: 'malformed', message: `${path}: the API server did not say whether it is allowed` });
    },
    async readText(path, query, limit, options) {
      const body = await transport.open({ method: 'GET', path, query, accept: '*/*', ...options });
      if (!body.ok) return body;
      const chunks: Uint8Array[] = [];
      let length = 0;
      try {
        for await (const chunk of body.value) {
          length += chunk.length;
          if (length > limit)
            return err({ kind: 'tooLarge', message: `GET ${path}: the answer is too long` });
          chunks.push(chunk);
        }
        return ok(Buffer.concat(chunks, length).toString('utf8'));
      } catch {
        return err({ kind: 'unavailable', message: `GET ${path}: the connection was cut` });
      }
    },
  };
}

function specOf({
  serviceAccount,
  nonResourceURL,
  verb,
  group = '',
  resource = '',
  ...where
}: AccessQuestion): object {
  const [plural, subresource] = resource.split('/');
  const what =
    nonResourceURL === undefined
      ? { resourceAttributes: { verb, group, resource: plural, subresource, ...where } }
      : { nonResourceAttributes: { verb, path: nonResourceURL } };
  if (serviceAccount === undefined) return what;
  const { namespace, name } = serviceAccount;
  return {
    ...what,
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
