import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { oauthIssuerKind } from '../../src/api/oauth-issuer.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { namespaceKind, secretKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import { apiVersionOf, type ObjectName, type ResourceKind } from '../../src/kube/resource-path.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import { ok, type Result } from '../../src/std/result.ts';

type Act = (as: KubeClient, kind: ResourceKind, at: ObjectName) => Promise<Result<unknown, KubeFailure>>;

const ignored = { uid: 'of-no-use', resourceVersion: '1' };
const objectAt = (kind: ResourceKind, at: ObjectName) => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  metadata: at,
});

/** Each verb, tried on an object that is not A's or on all of a kind. RBAC answers before anybody looks at what is sent. */
const verbs = {
  get: (as, kind, at) => as.get(kind, at),
  list: async (as, kind, { namespace }) => {
    for await (const page of as.list(kind, namespace === undefined ? {} : { namespace })) return page;
    return ok(undefined);
  },
  watch: (as, kind, { namespace }) =>
    as.watch(kind, { lasting: seconds(1), ...(namespace === undefined ? {} : { namespace }) }),
  create: (as, kind, at) => as.create(kind, objectAt(kind, at)),
  update: (as, kind, at) => as.replace(kind, { ...objectAt(kind, at), metadata: { ...at, ...ignored } }),
  patch: (as, kind, at) => as.patchMetadata(kind, { ...at, ...ignored }, { labels: { a: 'b' } }),
  delete: (as, kind, at) => as.delete(kind, at, ignored),
} as const satisfies Record<string, Act>;

const verbNames = Object.keys(verbs) as (keyof typeof verbs)[];

/** What A tries past Grantor, on objects that are not its own. */
export interface ForeignAct {
  readonly what: string;
  readonly act: (as: KubeClient, at: ObjectName) => Promise<Result<unknown, KubeFailure>>;
}

/** In a namespace that is not its own. */
export const inNamespaces: readonly ForeignAct[] = [
  ...[oauthClientKind, workloadIdentityBindingKind, secretKind, serviceAccountKind].flatMap((kind) =>
    verbNames.map((verb) => ({
      what: `${verb} ${kind.plural}`,
      act: (as: KubeClient, at: ObjectName) => verbs[verb](as, kind, at),
    })),
  ),
  {
    what: 'create serviceaccounts/token',
    act: (as, { namespace = '', name }) =>
      as.requestToken({ namespace, name }, { uid: '', audiences: [], expiration: minutes(10) }),
  },
];

/** On what is in no namespace, or in all of them. */
export const acrossTheCluster: readonly ForeignAct[] = [
  ...[oauthClientKind, workloadIdentityBindingKind, secretKind, serviceAccountKind].flatMap((kind) =>
    (['list', 'watch'] as const).map((verb) => ({
      what: `${verb} all ${kind.plural}`,
      act: (as: KubeClient, { name }: ObjectName) => verbs[verb](as, kind, { name }),
    })),
  ),
  ...[tenantScopeKind, oauthIssuerKind].flatMap((kind) =>
    verbNames.map((verb) => ({
      what: `${verb} ${kind.plural}`,
      act: (as: KubeClient, { name }: ObjectName) => verbs[verb](as, kind, { name }),
    })),
  ),
  ...(['list', 'watch', 'create', 'update', 'patch', 'delete'] as const).map((verb) => ({
    what: `${verb} namespaces`,
    act: (as: KubeClient, { namespace: name = '' }: ObjectName) => verbs[verb](as, namespaceKind, { name }),
  })),
];
